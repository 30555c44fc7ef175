import { createHasher, type Digest, digestBytes, formatDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { matrices } from "../matrices/matrices.ts";
import type { ModelProto } from "../proto/onnx_pb.ts";
import type { Weights } from "../weights.ts";
import { compareBytes } from "./digest-matrix.ts";
import { digestSelected } from "./digest-matrices.ts";
import { isLeftOut } from "./left-out.ts";
import { matrixSource } from "./matrix-source.ts";

/** One matrix of a base. */
export interface FingerprintedMatrix {
  readonly module: string;
  readonly digest: Digest;
  /** As it is stored. */
  readonly rows: number;
  readonly columns: number;
  readonly initializer: string;
}

/** Identity of a base, and the matrices that it is made of. */
export interface Fingerprint {
  readonly fingerprint: Digest;
  readonly matrices: readonly FingerprintedMatrix[];
}

/** Computes a base's fingerprint. ONNX_UNSUPPORTED when the model has no float matrix, as quantised builds. */
export async function fingerprint(model: ModelProto, weights: Weights): Promise<Fingerprint> {
  const counted = matrices(model).filter(({ module }) => !isLeftOut(module));
  if (counted.length === 0) {
    throw new GraftError("ONNX_UNSUPPORTED", "Cannot fingerprint the model: no operator of it uses a float weight matrix", {
      hint: "Use the float build of the model",
    });
  }
  const digests = await digestSelected(counted, weights);
  const listed: FingerprintedMatrix[] = [];
  for (const [initializer, digest] of digests) {
    const matrix = counted.find((entry) => entry.initializer === initializer);
    if (matrix !== undefined) listed.push({ module: matrix.module, digest, ...matrixSource(matrix.tensor, weights).shape, initializer });
  }
  return { fingerprint: await fingerprintOf(digests.values()), matrices: listed };
}

/** Digests, by initializer, of the matrices that do not count for the fingerprint: poolers and heads, which may be targets all the same. */
export async function leftOutDigests(model: ModelProto, weights: Weights): Promise<ReadonlyMap<string, Digest>> {
  return digestSelected(
    matrices(model).filter(({ module }) => isLeftOut(module)),
    weights,
  );
}

/** The fingerprint of a set of matrix digests: sha256 over their raw bytes, sorted, each once. */
export async function fingerprintOf(digests: Iterable<Digest>): Promise<Digest> {
  const hasher = await createHasher();
  for (const raw of Array.from(new Set(digests), digestBytes).toSorted(compareBytes)) hasher.update(raw);
  return formatDigest(hasher.digest());
}
