import type { TargetOptions } from "./lora.ts";

/** `ia3`: what the targets take or give is multiplied with vectors (arXiv 2205.05638). */
export interface Ia3Options extends TargetOptions {
  readonly name: "ia3";
  /** Targets whose input is scaled, not their output; with the targets, the family's own by default, as PEFT has them. */
  readonly feedforward?: string | readonly string[];
}
