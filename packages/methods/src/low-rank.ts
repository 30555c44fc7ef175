import { DataType, type GraphBuilder } from "@graft/onnx";
import { elementType, placeAfter, producerOf } from "./graph-edits.ts";
import type { Site } from "./plan.ts";

/** Adds scale · (x·Aᵀ)·Bᵀ to the product at each site; `a` and `b` are values A [rank, in] and B [out, rank] in float32. */
export function addLowRank(
  builder: GraphBuilder,
  sites: readonly Site[],
  factors: { readonly a: string; readonly b: string; readonly scale: number },
): void {
  for (const { input, output } of sites) {
    const { graph } = builder;
    const start = graph.node.length;
    const node = producerOf(graph, output);
    const half = elementType(graph, node.input[1] ?? "") === DataType.float16;
    // The sum takes over the name, so that nothing behind it changes.
    const product = builder.unique(`${output}_base`);
    node.output[node.output.indexOf(output)] = product;

    const name = (part: string): string => `${node.name}/${part}`;
    const x = half ? builder.op("Cast", [input], { name: name("lora_cast"), attributes: { to: DataType.float32 } }) : input;
    const down = builder.op("Transpose", [factors.a], { name: name("lora_A/Transpose"), attributes: { perm: [1, 0] } });
    const up = builder.op("Transpose", [factors.b], { name: name("lora_B/Transpose"), attributes: { perm: [1, 0] } });
    const narrow = builder.op("MatMul", [x, down], { name: name("lora_A/MatMul") });
    // On the rank-wide tensor, the smallest one.
    const scaled = factors.scale === 1 ? narrow : builder.op("Mul", [narrow, builder.float(factors.scale)], { name: name("lora_A/Mul") });
    const wide = builder.op("MatMul", [scaled, up], { name: name("lora_B/MatMul") });
    const branch = half ? builder.op("Cast", [wide], { name: name("lora_B/Cast"), attributes: { to: DataType.float16 } }) : wide;
    builder.op("Add", [product, branch], { name: name("lora_Add"), outputs: [output] });
    placeAfter(graph, product, start);
  }
}
