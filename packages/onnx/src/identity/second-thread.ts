import type { MatrixShape } from "./orientation.ts";

/** A matrix that waits to be hashed transposed. */
export interface TransposedTask {
  /** The 32 bytes, when the other thread has done it; rejects when that thread died. */
  readonly result: Promise<Uint8Array>;
  /** Whether the other thread has not begun it. */
  waits(): boolean;
  /** Takes the task back; false when the other thread has begun it. */
  take(): boolean;
}

/** A thread that hashes transposed matrices while this one hashes them as they lie. */
export interface SecondThread {
  /** Queues a matrix of float32 values, in memory that both threads see. */
  submit(values: SharedArrayBuffer, shape: MatrixShape): TransposedTask;
  close(): void;
}
