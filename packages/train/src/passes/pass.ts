import type { Rules } from "@graft/autodiff";
import type { GraphBuilder } from "@graft/onnx";

/** One way in which a step is made to take less time or memory, and to compute the same within rounding. */
export interface Pass {
  /** One line for people. */
  readonly about: string;
  /** Changes the forward pass, before the loss is differentiated. */
  readonly forward?: (builder: GraphBuilder) => void;
  /** Gradient rules instead of those of the table. */
  readonly rules?: Rules;
  /** Changes forward and backward pass together. The values named in `kept` keep their names. */
  readonly step?: (builder: GraphBuilder, kept: ReadonlySet<string>) => void;
}
