import type { Digest } from "@graft/digest";
import { hashStraight, hashTransposed, smallerDigest } from "./digest-matrix.ts";
import type { MatrixSource } from "./matrix-source.ts";
import type { SecondThread, TransposedTask } from "./second-thread.ts";

/** So many bytes may wait for the second thread; what is beyond is done here, while it is in the processor's cache. */
const QUEUE = 8 * 2 ** 20;

/** Memory comes in pieces of at least this, so that the next matrix can use it again: new memory costs more than reading. */
const SLOT = 4 * 2 ** 20;

interface Queued {
  readonly name: string;
  readonly source: MatrixSource;
  readonly memory: SharedArrayBuffer;
  readonly straight: Uint8Array;
  readonly task: TransposedTask;
  done: boolean;
}

/** Digests by name. This thread reads and hashes each matrix as it lies; its transpose is hashed by whichever thread is free. */
export async function digestOnTwoThreads(
  sources: readonly (readonly [string, MatrixSource])[],
  thread: SecondThread,
): Promise<Map<string, Digest>> {
  const digests = new Map<string, Digest>();
  const free: SharedArrayBuffer[] = [];
  let queue: Queued[] = [];
  const finish = (entry: Queued, transposed: Uint8Array): void => {
    entry.done = true;
    digests.set(entry.name, smallerDigest(entry.straight, transposed));
    free.push(entry.memory);
  };
  const hashHere = async (entry: Queued): Promise<void> =>
    finish(entry, await hashTransposed(floats(entry.memory, entry.source), entry.source.shape));
  const waiting = (): Queued[] => (queue = queue.filter(({ done }) => !done)).filter(({ task }) => task.waits());
  for (const [name, source] of sources) {
    const fitting = free.findIndex(({ byteLength }) => byteLength >= source.size);
    const memory = (fitting < 0 ? undefined : free.splice(fitting, 1)[0]) ?? new SharedArrayBuffer(Math.max(SLOT, source.size));
    const values = floats(memory, source);
    await source.readRows(0, values);
    const task = thread.submit(memory, source.shape);
    const entry: Queued = { name, source, memory, task, straight: await hashStraight(values, source.shape), done: false };
    queue.push(entry);
    task.result.then(
      (transposed) => finish(entry, transposed),
      () => {},
    );
    if (waiting().reduce((sum, { source: { size } }) => sum + size, 0) > QUEUE && task.take()) await hashHere(entry);
  }
  for (let last = waiting().at(-1); last !== undefined; last = waiting().at(-1)) if (last.task.take()) await hashHere(last);
  for (const entry of queue) if (!entry.done) await entry.task.result;
  return digests;
}

function floats(memory: SharedArrayBuffer, { size }: MatrixSource): Float32Array {
  return new Float32Array(memory, 0, size / 4);
}
