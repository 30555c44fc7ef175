import { GraftError } from "@graft/error";

/** One name for each way a file can be wrong: the reference implementation's own. */
export type InvalidReason =
  | "HeaderTooSmall"
  | "HeaderTooLarge"
  | "InvalidHeaderLength"
  | "InvalidHeader"
  | "InvalidHeaderDeserialization"
  | "InvalidOffset"
  | "ValidationOverflow"
  | "MisalignedSlice"
  | "TensorInvalidInfo"
  | "MetadataIncompleteBuffer";

/** SAFETENSORS_INVALID with its reason in `detail.reason`. */
export function invalid(reason: InvalidReason, why: string): GraftError {
  return new GraftError("SAFETENSORS_INVALID", `Cannot read safetensors: ${why}`, { detail: { reason } });
}

/** Quotes a text that came from a file: bounded, and without raw control characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
