import type { Digest } from "@graft/digest";
import type { Manifest } from "@graft/format";
import { matrices, type Matrix, type ModelProto } from "@graft/onnx";
import { kindOf } from "./planned-targets.ts";

/** A target of a manifest. */
export type ManifestTarget = Manifest["targets"][number];

/** A target, and where the model uses its matrix; more than once where layers share weights. */
export interface TargetMatch {
  readonly target: ManifestTarget;
  readonly uses: readonly [Matrix, ...Matrix[]];
}

/** Targets that the model has, and those that it has not. */
export interface TargetMatches {
  readonly matches: readonly TargetMatch[];
  /** `other-weights`: the module is there with other values; `missing`: there is nothing like it. */
  readonly differing: readonly { readonly module: string; readonly reason: "other-weights" | "missing" }[];
}

/** Whether two paths name one module, one of them perhaps inside the class of a task: `bert.encoder…` and `encoder…`. */
export function sameModule(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}

/**
 * Finds the matrices that a manifest's targets mean: by digest where `digestOf` is given, names telling equal ones apart,
 * else by name and shape alone.
 */
export async function matchTargets(
  model: ModelProto,
  targets: readonly ManifestTarget[],
  digestOf?: (matrix: Matrix) => Promise<Digest>,
): Promise<TargetMatches> {
  const every = matrices(model);
  const matches: TargetMatch[] = [];
  const differing: TargetMatches["differing"][number][] = [];
  for (const target of targets) {
    const all = every.filter((matrix) => kindOf(matrix) === (target.kind ?? "linear"));
    const named = all.filter(({ module }) => sameModule(module, target.module));
    const uses =
      digestOf === undefined ? named.filter((matrix) => sameShape(matrix, target)) : await byDigest(all, { target, named, digestOf });
    const [first, ...rest] = uses;
    if (first === undefined) differing.push({ module: target.module, reason: named.length === 0 ? "missing" : "other-weights" });
    else matches.push({ target, uses: [first, ...rest] });
  }
  return { matches, differing };
}

async function byDigest(
  all: readonly Matrix[],
  options: { target: ManifestTarget; named: readonly Matrix[]; digestOf: (matrix: Matrix) => Promise<Digest> },
): Promise<Matrix[]> {
  const { target, named, digestOf } = options;
  const withDigest = async (candidates: readonly Matrix[]): Promise<Matrix[]> => {
    const found: Matrix[] = [];
    // The orientation of the weight is part of what the digest is over; that of the product is not.
    for (const matrix of candidates) if (sameShape(matrix, target) && (await digestOf(matrix)) === target.digest) found.push(matrix);
    return found;
  };
  const first = await withDigest(named);
  if (first.length > 0) return first;
  // An exporter that lost or changed the names: one module with these weights is the one.
  const others = await withDigest(all);
  return new Set(others.map(({ module }) => module)).size === 1 ? others : [];
}

function sameShape(matrix: Matrix, target: ManifestTarget): boolean {
  return matrix.in === target.in && matrix.out === target.out;
}
