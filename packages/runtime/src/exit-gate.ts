/**
 * Keeps a process from ending while a thread of its own computes in native code: the runtime would find its thread taken away
 * and abort the process. One gate per thread, shared by both sides.
 */
export type ExitGate = Int32Array<SharedArrayBuffer>;

const BUSY = 0;
const ENDING = 1;
/** Milliseconds that an ending process waits for the work that has begun. */
const LONGEST = 60_000;

const gates = new Set<ExitGate>();

/** Makes the gate of a thread. */
export function openGate(): ExitGate {
  const gate = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  if (gates.size === 0) process.on("exit", closeGates);
  gates.add(gate);
  return gate;
}

/** Forgets the gate of a thread that has ended. */
export function forgetGate(gate: ExitGate): void {
  gates.delete(gate);
  if (gates.size === 0) process.off("exit", closeGates);
}

/** In the thread: does the work, unless the process is ending; then nothing is ever answered. */
export async function passGate<Result>(gate: ExitGate, work: () => Promise<Result>): Promise<Result> {
  Atomics.store(gate, BUSY, 1);
  try {
    if (Atomics.load(gate, ENDING) === 0) return await work();
  } finally {
    Atomics.store(gate, BUSY, 0);
    Atomics.notify(gate, BUSY);
  }
  return new Promise<never>(() => undefined);
}

function closeGates(): void {
  for (const gate of gates) Atomics.store(gate, ENDING, 1);
  for (const gate of gates) Atomics.wait(gate, BUSY, 1, LONGEST);
}
