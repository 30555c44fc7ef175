import { KEY_PREFIX, type Head } from "@graft/format";
import type { GraphBuilder } from "@graft/onnx";
import { HEAD_ACTIVATIONS } from "./activations.ts";
import { floatHidden } from "./hidden-state.ts";

/** How a head is put on a graph. */
export interface HeadOptions {
  /** Value of a tensor of the head; by default the input or initializer that has its key as a name. */
  readonly value?: (key: string) => string;
  /** Put before the names of the head's nodes, where a graph has several heads. */
  readonly scope?: string;
}

/** Adds pooling and dense layers on the last hidden state and gives the logits: [batch, labels], or [batch, sequence, labels] without pooling. */
export function appendHead(builder: GraphBuilder, head: Head, options: HeadOptions = {}): string {
  const { value = (key) => key, scope = "" } = options;
  let current = pooledHidden(builder, head, scope);
  for (const { weight, bias, activation } of head.layers) {
    const module = `${scope}/${weight
      .slice(KEY_PREFIX.length)
      .replace(/\.weight$/, "")
      .replaceAll(".", "/")}`;
    const shift = bias === undefined ? [] : [value(bias)];
    current =
      head.pooling === "none"
        ? perPosition(builder, current, { weight: value(weight), shift, module })
        : builder.op("Gemm", [current, value(weight), ...shift], { name: `${module}/Gemm`, attributes: { transB: 1 } });
    if (activation !== undefined) current = HEAD_ACTIVATIONS[activation](builder, current, module);
  }
  return current;
}

/** The last hidden state as a head pools it, float32: [batch, hidden], or [batch, sequence, hidden] without pooling. */
export function pooledHidden(builder: GraphBuilder, { pooling }: Pick<Head, "pooling">, scope: string): string {
  return POOLING[pooling](builder, floatHidden(builder), scope);
}

const POOLING: Readonly<Record<Head["pooling"], (builder: GraphBuilder, hidden: string, scope: string) => string>> = {
  none: (_, hidden) => hidden,
  cls: (builder, hidden, scope) =>
    builder.op("Gather", [hidden, builder.int(0)], { name: `${scope}/pooling/Gather`, attributes: { axis: 1 } }),
  // The last real position, whichever side the padding is on; positions of all rows are numbered through.
  last: (builder, hidden, scope) => {
    const op = (opType: string, inputs: readonly string[], attributes?: Record<string, number>): string =>
      builder.op(opType, inputs, { name: `${scope}/pooling/${opType}`, ...(attributes === undefined ? {} : { attributes }) });
    const mask = op("Cast", ["attention_mask"], { to: 1 });
    const last = op("ArgMax", [mask], { axis: 1, keepdims: 0, select_last_index: 1 });
    const shape = op("Shape", ["attention_mask"]);
    const size = (axis: number): string => op("Gather", [shape, builder.int(axis)], { axis: 0 });
    const starts = op("Mul", [op("Range", [builder.int(0), size(0), builder.int(1)]), size(1)]);
    return op("Gather", [op("Flatten", [hidden], { axis: 2 }), op("Add", [starts, last])], { axis: 0 });
  },
  // Mean over real positions, as mask · hidden / (mask · maskᵀ): products mean the same in every opset.
  mean: (builder, hidden, scope) => {
    const name = (part: string): string => `${scope}/pooling/${part}`;
    const mask = builder.op("Cast", ["attention_mask"], { name: name("Cast"), attributes: { to: 1 } });
    const row = builder.op("Reshape", [mask, builder.int([0, 1, -1])], { name: name("Row") });
    const column = builder.op("Reshape", [mask, builder.int([0, -1, 1])], { name: name("Column") });
    const sum = builder.op("MatMul", [row, hidden], { name: name("Sum") });
    const mean = builder.op("Div", [sum, builder.op("MatMul", [row, column], { name: name("Count") })], { name: name("Div") });
    return builder.op("Reshape", [mean, builder.int([0, -1])], { name: name("Mean") });
  },
};

function perPosition(
  builder: GraphBuilder,
  input: string,
  { weight, shift, module }: { weight: string; shift: readonly string[]; module: string },
): string {
  const turned = builder.op("Transpose", [weight], { name: `${module}/Transpose`, attributes: { perm: [1, 0] } });
  const product = builder.op("MatMul", [input, turned], { name: `${module}/MatMul` });
  return shift.length === 0 ? product : builder.op("Add", [product, ...shift], { name: `${module}/Add` });
}
