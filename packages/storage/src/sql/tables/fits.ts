/** The version of an adapter that counts, per base and set of targets: a release before pre-releases, then the newest. Set 0 has no targets. */
interface AdapterFitTable {
  base: string;
  name: string;
  target_set: number;
  version_id: number;
  prerelease: number;
  sort: string;
}

/** Tables of what fits what. */
export interface FitTables {
  adapter_fits: AdapterFitTable;
}
