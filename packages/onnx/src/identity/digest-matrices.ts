import { startSecondThread } from "#second-thread";
import type { Digest } from "@graft/digest";
import { matrices, type Matrix } from "../matrices/matrices.ts";
import type { ModelProto } from "../proto/onnx_pb.ts";
import type { Weights } from "../weights.ts";
import { hashStraight, hashTransposed, smallerDigest } from "./digest-matrix.ts";
import { digestLargeMatrix } from "./large-matrix.ts";
import { matrixSource, type MatrixSource } from "./matrix-source.ts";
import type { SecondThread } from "./second-thread.ts";
import { digestOnTwoThreads } from "./two-threads.ts";

/** A matrix is held whole up to so many bytes. */
const HELD = 256 * 2 ** 20;

/** A thread takes longer to start than a smaller model takes to hash. */
const WORTH_A_THREAD = 16 * 2 ** 20;

/** Digests of a model's matrices by the name of their initializer. In Node the two orientations are hashed on two threads. */
export async function digestMatrices(model: ModelProto, weights: Weights): Promise<Map<string, Digest>> {
  return digestSelected(matrices(model), weights);
}

/** The same for some matrices; one that is used twice is hashed once. */
export async function digestSelected(selected: readonly Matrix[], weights: Weights): Promise<Map<string, Digest>> {
  const sources = new Map(selected.map(({ initializer, tensor }) => [initializer, matrixSource(tensor, weights)]));
  const entries = [...sources];
  const digests = new Map<string, Digest>();
  for (const [name, source] of entries) if (source.size > HELD) digests.set(name, await digestLargeMatrix(source, { strip: HELD }));
  // The largest first: then the threads end together.
  const held = entries.filter(([, { size }]) => size <= HELD).toSorted(([, left], [, right]) => right.size - left.size);
  const total = held.reduce((sum, [, { size }]) => sum + size, 0);
  const thread = total < WORTH_A_THREAD ? undefined : startSecondThread();
  for (const [name, digest] of await digestHeld(held, thread)) digests.set(name, digest);
  return new Map(entries.flatMap(([name]) => (digests.has(name) ? [[name, digests.get(name) as Digest] as const] : [])));
}

async function digestHeld(
  sources: readonly (readonly [string, MatrixSource])[],
  thread: SecondThread | undefined,
): Promise<Map<string, Digest>> {
  if (thread !== undefined) {
    try {
      return await digestOnTwoThreads(sources, thread);
    } finally {
      thread.close();
    }
  }
  const digests = new Map<string, Digest>();
  const memory = new Float32Array((sources[0]?.[1].size ?? 0) / 4);
  for (const [name, source] of sources) {
    const values = memory.subarray(0, source.size / 4);
    await source.readRows(0, values);
    digests.set(name, smallerDigest(await hashStraight(values, source.shape), await hashTransposed(values, source.shape)));
  }
  return digests;
}
