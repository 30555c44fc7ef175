import type { Config } from "@graft/architectures";
import type { Dtype } from "@graft/safetensors";

/** A decoder to compare: its config.json, and how its file is written. */
export interface DecoderCase {
  readonly config: Config;
  readonly dtype?: Dtype;
  readonly rename?: (name: string) => string;
  /** Rows of these lengths; by default of 9, 1 and 5 tokens. */
  readonly lengths?: readonly number[];
}
