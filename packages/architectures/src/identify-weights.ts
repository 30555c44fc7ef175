import type { Digest } from "@graft/digest";
import type { BaseReference } from "@graft/format";
import { fingerprint, leftOutDigests, matrixNorms } from "@graft/onnx";
import type { Base } from "./base.ts";

/** Who a base is: what a manifest says of it, and the matrices that its fingerprint is taken over. */
export interface BaseIdentity {
  readonly reference: BaseReference;
  readonly matrices: readonly { readonly module: string; readonly digest: Digest; readonly rows: number; readonly columns: number }[];
  /** Digests of all matrices by the name of their initializer, poolers and heads included. */
  readonly digests: ReadonlyMap<string, Digest>;
}

/** The identity of a base by its weights alone: the list of files stays empty. ONNX_UNSUPPORTED when it has no float matrix. */
export async function identifyWeights(base: Base): Promise<BaseIdentity> {
  const { name, revision, family } = base;
  const identified = await fingerprint(base.model, base.weights);
  return {
    reference: {
      name,
      ...(revision === undefined ? {} : { revision }),
      fingerprint: identified.fingerprint,
      files: [],
      ...(family === undefined ? {} : { family }),
    },
    matrices: identified.matrices.map(({ module, digest, rows, columns }) => ({ module, digest, rows, columns })),
    digests: new Map([
      ...(await leftOutDigests(base.model, base.weights)),
      ...identified.matrices.map(({ initializer, digest }) => [initializer, digest] as const),
    ]),
  };
}

/** The matrices of an identified base with their Frobenius norms: what a registry keeps of each. Every weight is read once more. */
export async function measureMatrices(
  base: Pick<Base, "model" | "weights">,
  { matrices, digests }: BaseIdentity,
): Promise<(BaseIdentity["matrices"][number] & { readonly norm: number })[]> {
  const norms = await matrixNorms(base.model, base.weights);
  const byDigest = new Map(Array.from(norms, ([initializer, norm]) => [digests.get(initializer), norm]));
  return matrices.map((matrix) => ({ ...matrix, norm: byDigest.get(matrix.digest) ?? 0 }));
}
