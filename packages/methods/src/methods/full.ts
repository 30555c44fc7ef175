import { GraftError } from "@graft/error";
import { wholeKey } from "@graft/format";
import { DataType, type GraphBuilder, type GraphProto, type TensorProto } from "@graft/onnx";
import { taskModule } from "../families.ts";
import { placeFirst } from "../graph-edits.ts";
import type { Method } from "../method.ts";
import { modulePattern } from "../module-pattern.ts";
import { namedWeights } from "../named-weights.ts";
import type { FullOptions } from "../options/full.ts";
import type { Init, Trainable } from "../plan.ts";

/** Full fine-tuning, and pre-training from random weights. */
export const full: Method<FullOptions> = {
  name: "full",
  description: "Every weight of the base",
  learningRate: 5e-5,

  plan(base, options, prefix) {
    const { from = "base", deviation = 0.02, exclude = [] } = options;
    const trainables = namedWeights(base.model)
      .filter(({ module }) => !isExcluded(taskModule(module, prefix), exclude))
      .map(({ module, part, shape, transposed, tensor }): Trainable => {
        const path = taskModule(module, prefix);
        const init: Init =
          from === "base" ? { kind: "base", tensor, transposed } : randomInit({ part, dimensions: shape.length, deviation });
        return { key: wholeKey(path, part), shape, role: "replacement", module: path, init, initializer: tensor.name };
      });
    if (trainables.length === 0)
      throw new GraftError("TARGET_NOT_FOUND", "Cannot plan full training: the graph has no float weight with a name", {
        hint: "Take a checkpoint folder, or an export that keeps parameter names",
      });
    return { method: { name: "full", from }, targets: [], trainables };
  },

  count: ({ weights }, { exclude = [] }) =>
    weights
      .filter(({ module }) => !isExcluded(module, exclude))
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0),

  inject(builder, { trainables }) {
    const { graph } = builder;
    const turned = new Map(namedWeights(builder.model).map(({ tensor, transposed }) => [tensor.name, transposed]));
    for (const { key, shape, role, initializer } of trainables) {
      if (role !== "replacement" || initializer === undefined) continue;
      const index = graph.initializer.findIndex(({ name }) => name === initializer);
      const tensor = graph.initializer[index];
      if (tensor === undefined) throw new GraftError("INTERNAL", `Cannot train "${initializer}": the graph has no such initializer`);
      const value = substitute(builder, builder.input(key, "float32", shape), { tensor, transposed: turned.get(initializer) === true });
      graph.initializer.splice(index, 1);
      for (const node of graph.node) {
        // The nodes that make the value read the key, never the initializer.
        for (const [position, name] of node.input.entries()) if (name === initializer) node.input[position] = value;
      }
    }
  },
};

function isExcluded(module: string, patterns: string | readonly string[]): boolean {
  return (typeof patterns === "string" ? [patterns] : patterns).some((pattern) => modulePattern(pattern)(module));
}

/** The trained tensor in the orientation and element type of the initializer it stands for. */
function substitute(builder: GraphBuilder, key: string, { tensor, transposed }: { tensor: TensorProto; transposed: boolean }): string {
  const start = builder.graph.node.length;
  const turned = transposed ? builder.op("Transpose", [key], { name: `${tensor.name}/Transpose`, attributes: { perm: [1, 0] } }) : key;
  const onlyCast = consumers(builder.graph, tensor.name).every(({ opType }) => opType === "Cast");
  const value =
    tensor.dataType === DataType.float32 || onlyCast
      ? turned
      : builder.op("Cast", [turned], { name: `${tensor.name}/Cast`, attributes: { to: tensor.dataType } });
  placeFirst(builder.graph, start);
  return value;
}

function randomInit({ part, dimensions, deviation }: { part: "weight" | "bias"; dimensions: number; deviation: number }): Init {
  if (part === "bias") return { kind: "zeros" };
  // A weight with one dimension scales a normalisation.
  return dimensions === 1 ? { kind: "ones" } : { kind: "gaussian", deviation };
}

function consumers(graph: GraphProto, value: string): GraphProto["node"] {
  return graph.node.filter(({ input }) => input.includes(value));
}
