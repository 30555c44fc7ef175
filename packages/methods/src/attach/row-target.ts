import { GraftError } from "@graft/error";
import { DataType, type GraphBuilder, type NodeProto } from "@graft/onnx";
import { KEY_PREFIX } from "@graft/format";
import { asComputed, changeProduct, changeValue, isHalf, scaleInputWith, scaleOutputWith } from "../edit-site.ts";
import type { AttachSlot } from "../method.ts";
import type { AttachPlace } from "./attach-places.ts";
import type { RowLayout } from "./batch-values.ts";
import { type RowLayer, rowShape } from "./row-slots.ts";

/** The inputs beside one layer: those that any of the adapters needs. */
export interface RowTarget {
  readonly layer: RowLayer;
  /** First value that the layer gives: tells which one it is. */
  readonly site: string;
  /** Names of inputs by what they are for. */
  readonly inputs: Readonly<Partial<Record<AttachSlot, string>>>;
  /** Whether every row can have its own; else a run takes one adapter. */
  readonly byRow: boolean;
}

/** What a graph for rows of several adapters has in common for all targets. */
export interface RowGraph {
  readonly builder: GraphBuilder;
  /** Input int64 [rows], or [1] where all rows use one adapter: places in the stacked inputs. */
  readonly rows: string;
  readonly layoutOf: (value: string) => RowLayout;
}

/** Products of codes: the float values around them are not their own inputs and outputs. */
const INTEGER: ReadonlySet<string> = new Set(["MatMulInteger", "QLinearMatMul"]);

/** Puts the inputs for a target into the graph, and uses them wherever the target is used. */
export function attachRowTarget(graph: RowGraph, place: AttachPlace): RowTarget {
  const { builder, rows, layoutOf } = graph;
  const { target, uses } = place.match;
  const layer: RowLayer = target;
  const layouts = uses.map(({ input, output }) => (target.kind === "convolution" ? "shared" : common(layoutOf(input), layoutOf(output))));
  const byRow = !layouts.includes("shared");
  const scope = `${target.module}/rows`;
  const inputs: Partial<Record<AttachSlot, string>> = {};
  const picked: Partial<Record<AttachSlot, string>> = {};
  const start = builder.graph.node.length;
  const index = byRow ? rows : builder.op("Gather", [rows, builder.int(0)], { name: `${scope}/first` });
  for (const slot of place.slots) {
    const shape = rowShape(layer, slot, `${target.module}.rank`);
    const input = builder.input(builder.unique(`${KEY_PREFIX}${target.module}.${slot}`), "float32", ["adapters", ...shape]);
    inputs[slot] = input;
    // Rows of tables are looked up where they are.
    const inPlace = target.kind === "embedding" && slot === "a" && byRow;
    picked[slot] = inPlace ? input : builder.op("Gather", [input, index], { name: `${scope}/${slot}/Gather`, attributes: { axis: 0 } });
  }
  // They read inputs only, so they stand before everything.
  builder.graph.node.unshift(...builder.graph.node.splice(start));
  const { a, b, gain, inputGain, outputGain } = picked;
  for (const [use, { input, output, bias }] of uses.entries()) {
    const flat = layouts[use] === "flat" && byRow && target.kind !== "embedding";
    const spread = { rows, layer, flat };
    if (inputGain !== undefined && INTEGER.has(uses[use]?.operator ?? ""))
      throw new GraftError(
        "ONNX_UNSUPPORTED",
        `Cannot attach to "${target.module}": what it takes is quantised together with other layers' input`,
        {
          hint: "Use the float32 build of the base",
        },
      );
    if (inputGain !== undefined)
      scaleInputWith(builder, { output }, (value, node) =>
        inRows(builder, value, {
          ...spread,
          size: layer.in,
          change: (x) => multiply(builder, x, { vector: inputGain, node, name: "input" }),
        }),
      );
    if (a !== undefined && b !== undefined) {
      // A bias of the layer's own is parted from the product only where that is scaled.
      (gain === undefined ? changeValue : changeProduct)(builder, output, (product, node) => {
        const branch = rowBranch(graph, node, { layer, a, b, x: input, flat, byRow, product });
        const sum = builder.op("Add", [product, branch], { name: `${node.name}/lora_Add` });
        if (gain === undefined) return sum;
        return inRows(builder, sum, {
          ...spread,
          size: layer.out,
          change: (x) => multiply(builder, x, { vector: gain, node, name: "gain" }),
        });
      });
    }
    if (outputGain !== undefined)
      scaleOutputWith(builder, { output, bias: bias?.initializer }, (value, node) =>
        inRows(builder, value, {
          ...spread,
          size: layer.out,
          change: (x) => multiply(builder, x, { vector: outputGain, node, name: "output" }),
        }),
      );
  }
  return { layer, site: uses[0].output, inputs, byRow };
}

function common(one: RowLayout, other: RowLayout): RowLayout {
  if (one === "shared" || other === "shared") return "shared";
  return one === "direct" && other === "direct" ? "direct" : "flat";
}

function multiply(builder: GraphBuilder, value: string, options: { vector: string; node: NodeProto; name: string }): string {
  const name = `${options.node.name}/${options.name}_scale`;
  return builder.op("Mul", [value, asComputed(builder, options.vector, { node: options.node, name })], { name: `${name}/Mul` });
}

/** Does something to a value as [rows, positions, size], and gives the value its shape back. */
function inRows(
  builder: GraphBuilder,
  value: string,
  options: { rows: string; flat: boolean; size: number; change: (value: string) => string },
): string {
  const { rows, flat, size, change } = options;
  if (!flat) return change(value);
  const shape = builder.op("Shape", [value]);
  return builder.op("Reshape", [change(byRows(builder, value, { rows, size })), shape]);
}

/** A value as [rows, positions, size]; as [1, all positions, size] where the rows use one adapter. */
function byRows(builder: GraphBuilder, value: string, { rows, size }: { rows: string; size: number }): string {
  const shape = builder.op("Concat", [builder.op("Shape", [rows]), builder.int([-1, size])], { attributes: { axis: 0 } });
  return builder.op("Reshape", [value, shape]);
}

interface Branch {
  readonly layer: RowLayer;
  readonly a: string;
  readonly b: string;
  /** What the layer is applied to. */
  readonly x: string;
  readonly flat: boolean;
  readonly byRow: boolean;
  readonly product: string;
}

/** The branch x·A·B of every row's own pair, in the type that the layer computes in. */
function rowBranch({ builder, rows }: RowGraph, node: NodeProto, { layer, a, b, x, flat, byRow, product }: Branch): string {
  const op = (opType: string, inputs: readonly string[], attributes: Readonly<Record<string, number>> = {}): string =>
    builder.op(opType, inputs, { name: `${node.name}/lora/${opType}`, attributes });
  const wide = (value: string): string => asComputed(builder, value, { node, name: `${node.name}/lora_B` });
  if (layer.kind === "convolution") {
    const narrow = op("Conv", [float(builder, node, x), a]);
    builder.graph.node.at(-1)?.attribute.push(...node.attribute.filter((one) => one.name !== "group"));
    return wide(op("Conv", [narrow, b]));
  }
  if (layer.kind === "embedding") {
    const narrow = byRow ? op("GatherND", [a, places(builder, { ids: x, rows })]) : op("Gather", [a, x], { axis: 0 });
    return wide(op("MatMul", [narrow, b]));
  }
  const input = float(builder, node, x);
  if (!flat) return wide(op("MatMul", [op("MatMul", [input, a]), b]));
  const branch = op("MatMul", [op("MatMul", [byRows(builder, input, { rows, size: layer.in }), a]), b]);
  return wide(op("Reshape", [branch, op("Shape", [product])]));
}

/** Of ids [rows, positions], where each finds its own row's table: int64 [rows, positions, 2]. */
function places(builder: GraphBuilder, { ids, rows }: { ids: string; rows: string }): string {
  const wide = builder.op("Cast", [ids], { attributes: { to: DataType.int64 } });
  const column = builder.op("Reshape", [rows, builder.int([-1, 1])]);
  const row = builder.op("Add", [column, builder.op("Sub", [wide, wide])]);
  const shape = builder.op("Concat", [builder.op("Shape", [wide]), builder.int([1])], { attributes: { axis: 0 } });
  const each = [row, wide].map((value) => builder.op("Reshape", [value, shape]));
  return builder.op("Concat", each, { attributes: { axis: -1 } });
}

function float(builder: GraphBuilder, node: NodeProto, x: string): string {
  return isHalf(builder.graph, node)
    ? builder.op("Cast", [x], { name: `${node.name}/lora_cast`, attributes: { to: DataType.float32 } })
    : x;
}
