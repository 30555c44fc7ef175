/** Where bottleneck layers stand, by the letters of the LoRA paper: Houlsby, Lin, Pfeiffer, Houlsby without the first blocks (AdapterDrop). */
export type BottleneckVariant = "H" | "L" | "P" | "D";

/** `bottleneck` (adapter tuning): y + up(activation(down(y))), two dense layers with biases. */
export interface BottleneckOptions {
  readonly name: "bottleneck";
  /** H by default. */
  readonly variant?: BottleneckVariant;
  /** Width r between the two layers; 16 by default. */
  readonly size?: number;
  /** relu by default; gelu is the exact one. */
  readonly activation?: "relu" | "gelu" | "tanh";
  /** Blocks at the beginning that stay as they are; half of them for D by default, and none for the others. */
  readonly dropped?: number;
}
