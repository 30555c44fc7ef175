import { matrices } from "@graft/onnx";
import { taskModule, conventionsOf } from "./families.ts";
import { namedWeights } from "./named-weights.ts";
import type { PlanBase } from "./plan.ts";
import type { Candidate } from "./resolve-targets.ts";

/** A matrix by its sizes; more dimensions than two are `kernel`. */
export interface MatrixShape extends Candidate {
  readonly in: number;
  readonly out: number;
  readonly kernel?: readonly number[];
}

/** A float tensor of a base, as PEFT orients it. */
export interface WeightShape {
  readonly module: string;
  readonly part: "weight" | "bias";
  readonly shape: readonly number[];
}

/** Everything that counts of trained numbers are over: no weight is read for it. */
export interface BaseShapes {
  /** Matrices, each as often as it is used. */
  readonly matrices: readonly MatrixShape[];
  /** Every tensor with a name, each once. */
  readonly weights: readonly WeightShape[];
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  readonly family?: string | undefined;
}

/** The shapes of a base, under paths of the task's class. */
export function baseShapes(base: PlanBase): BaseShapes {
  const { prefix } = conventionsOf(base.family);
  return {
    matrices: matrices(base.model).map(({ module, operator, input, in: columns, out, tensor }) => ({
      module: taskModule(module, prefix),
      operator,
      input,
      in: columns,
      out,
      ...(operator === "Conv" ? { kernel: tensor.dims.slice(2).map(Number) } : {}),
    })),
    weights: namedWeights(base.model).map(({ module, part, shape }) => ({ module: taskModule(module, prefix), part, shape })),
    hiddenSize: base.hiddenSize,
    family: base.family,
  };
}
