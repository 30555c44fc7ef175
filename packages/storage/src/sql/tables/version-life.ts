/** Files beside the adapter of a version. */
interface VersionFileTable {
  name: string;
  version: string;
  path: string;
  digest: string;
  size: number;
}

/** Versions that wait for approval; `document` is what will be published, in JSON. */
export interface StagedVersionTable {
  name: string;
  version: string;
  document: string;
  tag: string | null;
  visibility: string | null;
  staged_at: string;
  staged_by: string;
}

/** Bytes that staged versions need, so that they are kept. */
interface StagedBlobTable {
  name: string;
  version: string;
  digest: string;
}

/** Tables of the life of versions. */
export interface VersionLifeTables {
  version_files: VersionFileTable;
  staged_versions: StagedVersionTable;
  staged_blobs: StagedBlobTable;
}
