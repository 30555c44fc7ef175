import type { MatrixShape } from "./orientation.ts";

/** A matrix that waits to be hashed transposed. */
export interface TransposedTask {
  /** The copy of the values. */
  readonly values: Float32Array;
  /** The 32 bytes, when the other thread has done it; rejects when that thread died. */
  readonly result: Promise<Uint8Array>;
  /** Takes the task back; false when the other thread has begun it. */
  take(): boolean;
}

/** A thread that hashes transposed matrices while this one hashes them as they lie. */
export interface SecondThread {
  /** Queues a matrix; its values are copied. */
  submit(values: Uint8Array, shape: MatrixShape): TransposedTask;
  close(): void;
}
