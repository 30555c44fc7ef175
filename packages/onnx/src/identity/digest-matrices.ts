import { startSecondThread } from "#second-thread";
import type { Digest } from "@graft/digest";
import { matrices, type Matrix } from "../matrices/matrices.ts";
import type { ModelProto } from "../proto/onnx_pb.ts";
import type { Weights } from "../weights.ts";
import { hashStraight, hashTransposed, smallerDigest } from "./digest-matrix.ts";
import { digestLargeMatrix } from "./large-matrix.ts";
import { asFloats, matrixSource, type MatrixSource } from "./matrix-source.ts";
import type { SecondThread, TransposedTask } from "./second-thread.ts";

/** A matrix is held whole up to so many bytes, and so many wait for the second thread at most. */
const HELD = 256 * 2 ** 20;

/** A thread takes longer to start than a smaller model takes to hash. */
const WORTH_A_THREAD = 16 * 2 ** 20;

interface Pending {
  readonly name: string;
  readonly source: MatrixSource;
  readonly straight: Uint8Array;
  readonly task: TransposedTask;
}

/** Digests of a model's matrices by the name of their initializer. In Node the two orientations are hashed on two threads. */
export async function digestMatrices(model: ModelProto, weights: Weights): Promise<Map<string, Digest>> {
  return digestSelected(matrices(model), weights);
}

/** The same for some matrices; one that is used twice is hashed once. */
export async function digestSelected(selected: readonly Matrix[], weights: Weights): Promise<Map<string, Digest>> {
  const sources = new Map(selected.map(({ initializer, tensor }) => [initializer, matrixSource(tensor, weights)]));
  const total = [...sources.values()].reduce((sum, { size }) => sum + size, 0);
  const thread = total < WORTH_A_THREAD ? undefined : startSecondThread();
  try {
    return await digestSources(sources, thread);
  } finally {
    thread?.close();
  }
}

async function digestSources(sources: ReadonlyMap<string, MatrixSource>, thread: SecondThread | undefined): Promise<Map<string, Digest>> {
  const digests = new Map<string, Digest>();
  const pending: Pending[] = [];
  let held = 0;
  const settle = async (entry: Pending | undefined, how: (entry: Pending) => Promise<Uint8Array>): Promise<void> => {
    if (entry === undefined) return;
    digests.set(entry.name, smallerDigest(entry.straight, await how(entry)));
    held -= entry.source.size;
  };
  /** The newest that the other thread has not begun is done here; else the oldest is waited for. */
  const settleOne = (): Promise<void> => (pending.at(-1)?.task.take() ? settle(pending.pop(), transposedHere) : settle(pending.shift(), ({ task }) => task.result));
  for (const [name, source] of sources) {
    if (source.size > HELD) {
      digests.set(name, await digestLargeMatrix(source, { strip: HELD }));
      continue;
    }
    while (held + source.size > HELD && pending.length > 0) await settleOne();
    const bytes = await source.rows(0, source.shape.rows);
    const task = thread?.submit(bytes, source.shape);
    const straight = await hashStraight(bytes, source.shape);
    if (task === undefined) {
      digests.set(name, smallerDigest(straight, await hashTransposed(asFloats(bytes), source.shape)));
    } else {
      pending.push({ name, source, straight, task });
      held += source.size;
    }
  }
  while (pending.length > 0) await settleOne();
  return digests;
}

function transposedHere({ source, task }: Pending): Promise<Uint8Array> {
  return hashTransposed(task.values, source.shape);
}
