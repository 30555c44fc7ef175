import { GraftError } from "@graft/error";
import { attribute, floatAttribute, intAttribute, intsAttribute } from "./attributes.ts";
import { GraphBuilder } from "./builder.ts";
import type { ModelProto, NodeProto } from "./proto/onnx_pb.ts";
import { inferShapes } from "./shapes/infer.ts";
import { opsetVersion } from "./versions.ts";

/** The oldest operator set that graphs are built in: from it on, axes are inputs and Softmax has one. */
const OLDEST = 13;

/** What a conversion works with. */
interface Context {
  readonly builder: GraphBuilder;
  readonly rank: (value: string) => number | undefined;
}

/** Writes a node as the operator set OLDEST has it, in place; nodes that are added stand before it. */
type Conversion = (context: Context, node: NodeProto) => void;

/** Moves attributes to inputs, in this order; what is left out stays out. */
function toInputs(names: readonly string[], make: (context: Context, node: NodeProto, name: string) => string | undefined): Conversion {
  return (context, node) => {
    if (names.every((name) => !node.attribute.some((entry) => entry.name === name))) return;
    const added = names.map((name) => make(context, node, name) ?? "");
    node.input.push(...added);
    while (node.input.at(-1) === "") node.input.pop();
    node.attribute = node.attribute.filter(({ name }) => !names.includes(name));
  };
}

const integers: Parameters<typeof toInputs>[1] = ({ builder }, node, name) => {
  const values = intsAttribute(node, name);
  return values === undefined ? undefined : builder.int(values);
};

/** Before, the axes from `axis` on were taken as one, and `axis` was 1 where none was given. */
const softmax: Conversion = ({ builder, rank }, node) => {
  const [x = ""] = node.input;
  const dimensions = rank(x);
  const axis = intAttribute(node, "axis", 1);
  if (dimensions === undefined) throw unsupported(node, "the rank of its input is unknown");
  node.attribute = [attribute("axis", -1)];
  if (axis === -1 || axis === dimensions - 1) return;
  const [y = ""] = node.output;
  node.input[0] = builder.op("Flatten", [x], { name: `${node.name}/Flatten`, attributes: { axis } });
  node.output[0] = builder.unique(`${node.name}/rows`);
  const shape = builder.op("Shape", [x], { name: `${node.name}/Shape` });
  builder.op("Reshape", [node.output[0], shape], { name: `${node.name}/Reshape`, outputs: [y] });
};

const CONVERSIONS: Readonly<Record<string, { readonly below: number; readonly convert: Conversion }>> = {
  Slice: { below: 10, convert: toInputs(["starts", "ends", "axes"], integers) },
  Clip: {
    below: 11,
    convert: toInputs(["min", "max"], ({ builder }, node, name) =>
      node.attribute.some((entry) => entry.name === name) ? builder.float(floatAttribute(node, name, 0)) : undefined,
    ),
  },
  Pad: {
    below: 11,
    convert: toInputs(["pads", "value"], (context, node, name) =>
      name === "pads" ? integers(context, node, name) : context.builder.float(floatAttribute(node, name, 0)),
    ),
  },
  Squeeze: { below: OLDEST, convert: toInputs(["axes"], integers) },
  Unsqueeze: { below: OLDEST, convert: toInputs(["axes"], integers) },
  ReduceSum: { below: OLDEST, convert: toInputs(["axes"], integers) },
  Split: { below: OLDEST, convert: toInputs(["split"], integers) },
  Softmax: { below: OLDEST, convert: softmax },
  LogSoftmax: { below: OLDEST, convert: softmax },
  Dropout: {
    below: 12,
    convert: (_, node) => {
      node.opType = "Identity";
      node.attribute = [];
      node.output.length = 1;
    },
  },
  Scatter: { below: OLDEST, convert: (_, node) => void (node.opType = "ScatterElements") },
};

/** Operators that changed in ways that are not converted, and the operator set from which they are as they are now. */
const CHANGED: Readonly<Record<string, number>> = { Upsample: OLDEST, Resize: 11, TopK: 10, Hardmax: OLDEST };

/** Writes a model of an older operator set as one of set 13, in place: later graphs are built on that. ONNX_UNSUPPORTED names a node that cannot be. */
export function upgradeOpset(model: ModelProto): void {
  const opset = opsetVersion(model);
  if (opset >= OLDEST || model.graph === undefined) return;
  const types = inferShapes(model);
  const builder = new GraphBuilder(model);
  const context: Context = { builder, rank: (value) => types.get(value)?.shape?.length };
  const nodes: NodeProto[] = [];
  for (const node of model.graph.node) {
    if (opset < (CHANGED[node.opType] ?? 0)) throw unsupported(node, `"${node.opType}" has changed since`);
    const conversion = CONVERSIONS[node.opType];
    if (conversion === undefined || opset >= conversion.below || node.domain !== "") {
      nodes.push(node);
      continue;
    }
    builder.graph.node = [];
    conversion.convert(context, node);
    // What gives the node its inputs stands before it, what takes its output behind.
    const made = builder.graph.node;
    const after = made.filter(({ input }) => input.some((name) => node.output.includes(name)));
    nodes.push(...made.filter((one) => !after.includes(one)), node, ...after);
  }
  builder.graph.node = nodes;
  for (const entry of model.opsetImport) if (entry.domain === "" || entry.domain === "ai.onnx") entry.version = BigInt(OLDEST);
}

function unsupported(node: NodeProto, why: string): GraftError {
  return new GraftError("ONNX_UNSUPPORTED", `Cannot bring the node "${node.name}" (${node.opType}) to operator set ${OLDEST}: ${why}`, {
    hint: `Export the model for operator set ${OLDEST} or newer`,
  });
}
