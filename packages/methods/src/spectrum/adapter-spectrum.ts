import { loraKeys, type Manifest } from "@graft/format";
import { type ManifestTarget, sameModule } from "../match-targets.ts";
import { type Amplification, amplification, norm } from "./amplification.ts";
import { productSpectrum, rankUse, type RankUse, type ThinProduct } from "./product-spectrum.ts";
import { inputDirections, subspaceSimilarity } from "./subspace-similarity.ts";

/** What is looked at of an adapter. */
export interface SpectrumSource {
  readonly manifest: Pick<Manifest, "targets">;
  /** Values of a tensor, float32. */
  values(key: string): Promise<Float32Array>;
}

/** What an adapter learned about one target: of scale · B·A, also where a method makes more of it. */
export interface TargetSpectrum extends RankUse {
  readonly module: string;
  readonly in: number;
  readonly out: number;
  readonly rank: number;
  /** Largest first. */
  readonly singularValues: readonly number[];
  /** ‖ΔW‖_F. */
  readonly norm: number;
  /** Against the base's own matrix, where it is given. */
  readonly amplification?: Amplification;
  /** φ(i, j) with the same target of another adapter, where it has one: [i - 1][j - 1]. */
  readonly similarity?: readonly (readonly number[])[];
}

/** Spectra of every target with two factors, in the order of the manifest; empty for methods without. */
export async function adapterSpectrum(
  adapter: SpectrumSource,
  options: {
    /** The base's matrix of a target, [out, in]; undefined where it has none. */
    readonly weight?: (target: ManifestTarget) => Promise<Float32Array | undefined>;
    /** Another adapter of the same base: other seed, rank or data. */
    readonly against?: SpectrumSource;
  } = {},
): Promise<TargetSpectrum[]> {
  const spectra: TargetSpectrum[] = [];
  for (const target of adapter.manifest.targets) {
    const own = await factorsOf(adapter, target);
    if (own === undefined) continue;
    const { in: columns, out } = target;
    const delta = productSpectrum(own);
    const weight = await options.weight?.(target);
    const other = options.against?.manifest.targets.find(
      (one) => sameModule(one.module, target.module) && one.in === columns && one.out === out,
    );
    const theirs = other === undefined || options.against === undefined ? undefined : await factorsOf(options.against, other);
    spectra.push({
      module: target.module,
      in: columns,
      out,
      rank: own.rank,
      singularValues: [...delta.values],
      norm: norm(delta.values),
      ...rankUse(delta.values),
      ...(weight === undefined ? {} : { amplification: amplification(delta, { weight, in: columns, out }) }),
      ...(theirs === undefined ? {} : { similarity: subspaceSimilarity(inputDirections(own.a, own), inputDirections(theirs.a, theirs)) }),
    });
  }
  return spectra;
}

async function factorsOf(
  source: SpectrumSource,
  { module, kind, in: columns, out, rank, scale }: ManifestTarget,
): Promise<(ThinProduct & { readonly a: Float32Array }) | undefined> {
  if (rank === undefined) return undefined;
  const keys = loraKeys(module, kind);
  return { a: await source.values(keys.a), b: await source.values(keys.b), in: columns, out, rank, scale: scale ?? 1 };
}
