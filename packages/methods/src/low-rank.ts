import type { TargetKind } from "@graft/format";
import { DataType, type GraphBuilder, type NodeProto } from "@graft/onnx";
import { asComputed, isHalf } from "./edit-site.ts";

/** A pair as values of a graph, float32, in the shapes that the format gives them. */
export interface Factors {
  readonly a: string;
  readonly b: string;
  readonly scale: number;
  /** What a branch's input goes through first, in training. */
  readonly dropout?: ((value: string, name: string) => string) | undefined;
}

/** The branch scale · (x·Aᵀ)·Bᵀ beside a layer, by the kind of layer; the scale goes on the narrowest tensor. */
export function lowRankBranch(
  builder: GraphBuilder,
  node: NodeProto,
  { kind = "linear", ...factors }: Factors & { kind?: TargetKind | undefined },
): string {
  const name = (part: string): string => `${node.name}/${part}`;
  const narrow = REDUCE[kind](builder, node, factors);
  const scaled = factors.scale === 1 ? narrow : builder.op("Mul", [narrow, builder.float(factors.scale)], { name: name("lora_A/Mul") });
  const wide =
    kind === "convolution"
      ? builder.op("Conv", [scaled, factors.b], { name: name("lora_B/Conv") })
      : builder.op("MatMul", [scaled, turned(builder, factors.b, name("lora_B"))], { name: name("lora_B/MatMul") });
  return asComputed(builder, wide, { node, name: name("lora_B") });
}

/** The rank-wide values: x · Aᵀ, rows of Aᵀ by id, or a convolution with A that moves as the layer's own. */
const REDUCE: Readonly<Record<TargetKind, (builder: GraphBuilder, node: NodeProto, factors: Factors) => string>> = {
  linear: (builder, node, { a, dropout }) => {
    const name = `${node.name}/lora_A`;
    const x = floatInput(builder, node, dropout);
    return builder.op("MatMul", [x, turned(builder, a, name)], { name: `${name}/MatMul` });
  },
  embedding: (builder, node, { a }) => {
    const name = `${node.name}/lora_embedding_A`;
    return builder.op("Gather", [turned(builder, a, name), node.input[1] ?? ""], { name: `${name}/Gather`, attributes: { axis: 0 } });
  },
  convolution: (builder, node, { a, dropout }) => {
    const name = `${node.name}/lora_A/Conv`;
    const output = builder.op("Conv", [floatInput(builder, node, dropout), a], { name });
    builder.graph.node.at(-1)?.attribute.push(...node.attribute.filter((one) => one.name !== "group"));
    return output;
  },
};

function floatInput(builder: GraphBuilder, node: NodeProto, dropout: Factors["dropout"]): string {
  const [input = ""] = node.input;
  const name = `${node.name}/lora_cast`;
  const x = isHalf(builder.graph, node) ? builder.op("Cast", [input], { name, attributes: { to: DataType.float32 } }) : input;
  return dropout === undefined ? x : dropout(x, `${node.name}/lora_dropout`);
}

function turned(builder: GraphBuilder, matrix: string, name: string): string {
  return builder.op("Transpose", [matrix], { name: `${name}/Transpose`, attributes: { perm: [1, 0] } });
}
