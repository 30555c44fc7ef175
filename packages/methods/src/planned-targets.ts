import { GraftError } from "@graft/error";
import type { TargetKind } from "@graft/format";
import { intAttribute, matrices, type Matrix } from "@graft/onnx";
import { taskModule } from "./families.ts";
import type { TargetOptions } from "./options/lora.ts";
import type { PlanBase, PlannedTarget } from "./plan.ts";
import { resolveTargets } from "./resolve-targets.ts";

/** A target before its method has added its fields, and the matrix that it is. */
export interface FoundTarget {
  readonly target: PlannedTarget;
  readonly matrix: Matrix;
}

/** The targets that the options mean, each once, with every place that it is used in. TARGET_NOT_FOUND, ONNX_UNSUPPORTED. */
export function planTargets(base: PlanBase, options: TargetOptions, prefix: string): FoundTarget[] {
  const { targets = "attention", exclude } = options;
  const found = resolveTargets(matrices(base.model), { targets, exclude, family: base.family });
  return bySharedModule(found).map((uses) => {
    const [matrix] = uses;
    const { module, initializer, in: columns, out, bias, tensor } = matrix;
    const kind = kindOf(matrix);
    if (kind === "convolution" && intAttribute(matrix.node, "group", 1) !== 1) {
      throw new GraftError(
        "ONNX_UNSUPPORTED",
        `Cannot adapt "${module}": it is a convolution in ${intAttribute(matrix.node, "group", 1)} groups`,
        {
          hint: "Leave it out with `exclude`, or name the targets more narrowly",
        },
      );
    }
    const target: PlannedTarget = {
      module: taskModule(module, prefix),
      initializer,
      in: columns,
      out,
      ...(kind === "linear" ? {} : { kind }),
      ...(kind === "convolution" ? { kernel: tensor.dims.slice(2).map(Number) } : {}),
      ...(bias === undefined ? {} : { bias: bias.initializer }),
      sites: uses.map(({ input, output }) => ({ input, output })),
    };
    return { target, matrix };
  });
}

/** What kind of layer a matrix belongs to. */
export function kindOf({ operator }: Pick<Matrix, "operator">): TargetKind {
  return operator === "Gather" ? "embedding" : operator === "Conv" ? "convolution" : "linear";
}

/** Whether two uses are of one stored weight, or of a copy that an exporter made of it. */
function isSameWeight(one: Matrix, other: Matrix): boolean {
  if (one.initializer === other.initializer) return true;
  const [left, right] = [one.tensor, other.tensor].map(({ dims, dataType, floatData, externalData }) =>
    JSON.stringify([dims.map(Number), dataType, floatData, externalData.map(({ key, value }) => [key, value])]),
  );
  return left === right && isSameBytes(one.tensor.rawData, other.tensor.rawData);
}

function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** A graph in which one name stands for two layers. */
export function sameName(module: string): GraftError {
  return new GraftError("ONNX_UNSUPPORTED", `Cannot adapt "${module}": the model has two matrices of this name`, {
    hint: "Give its layers names of their own when you export it, or leave these out with `exclude`",
  });
}

/** A module that is computed more than once (layers that share weights) is one target with several sites. */
function bySharedModule(found: readonly Matrix[]): [Matrix, ...Matrix[]][] {
  const groups = new Map<string, [Matrix, ...Matrix[]]>();
  for (const matrix of found) {
    // One table can be looked up and multiplied with: those are two layers.
    const key = `${kindOf(matrix)} ${matrix.module}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [matrix]);
    else if (isSameWeight(group[0], matrix)) group.push(matrix);
    else throw sameName(matrix.module);
  }
  return [...groups.values()];
}
