import { type ErrorCode, GraftError } from "@graft/error";

/** How ONNX Runtime words what is not the model's fault, and what it then is. */
const FAULTS: readonly { readonly says: RegExp; readonly code: ErrorCode; readonly why: string; readonly hint: string }[] = [
  {
    says: /requires f16 but the device|does not support.{0,20}f16/i,
    code: "DEVICE_UNAVAILABLE",
    why: "the device cannot compute in float16",
    hint: "Train in full precision",
  },
  {
    says: /device (was|is|has been) lost|DeviceLost|DEVICE_LOST|device removed|CUDA error 7\d\d/i,
    code: "DEVICE_LOST",
    why: "the device was lost: its driver was reset, or it was taken away",
    hint: "Go on from the last checkpoint; where it happens again, try smaller batches or the device cpu",
  },
  {
    says: /bad_alloc|bad array new length|failed to allocate|allocation failed|out of memory|OutOfMemory|BFCArena.*available memory/i,
    code: "OUT_OF_MEMORY",
    why: "there is too little memory",
    hint: "Run fewer rows at once (--micro-batch), shorter rows (--max-length) or smaller batches (--batch-size)",
  },
];

/** The error for a failure that is not the model's fault; undefined for all others. `action` is what could not be done: "run the model". */
export function deviceFault(cause: Error, action: string): GraftError | undefined {
  const fault = FAULTS.find(({ says }) => says.test(cause.message));
  if (fault === undefined) return undefined;
  return new GraftError(fault.code, `Cannot ${action}: ${fault.why}`, { cause, hint: fault.hint, detail: { message: cause.message } });
}
