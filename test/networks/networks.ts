import { createModel, GraphBuilder, floatTensor, type ModelProto } from "@graft/onnx";

/** Numbers in [−1, 1) that are the same in every run. */
export function numbers(count: number, seed: number): number[] {
  let state = (seed * 2654435761) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (2 * state) / 2 ** 32 - 1;
  });
}

function weight(builder: GraphBuilder, name: string, dims: readonly number[]): string {
  const count = dims.reduce((product, size) => product * size, 1);
  const fanIn = dims.length > 1 ? count / (dims[0] ?? 1) : 300;
  return builder.initializer(
    floatTensor(
      name,
      dims,
      numbers(count, count + 11).map((value) => value * Math.sqrt(3 / fanIn)),
    ),
  );
}

/** Three dense layers on a row of a table, as torch exports them: [batch, 6] to 3 numbers. */
export function tableNetwork(): ModelProto {
  const builder = new GraphBuilder(createModel({ name: "table", opset: 17 }));
  let value = builder.input("features", "float32", ["batch", 6]);
  for (const [index, [columns, rows]] of [
    [6, 16],
    [16, 16],
    [16, 3],
  ].entries() as Iterable<[number, [number, number]]>) {
    const inputs = [value, weight(builder, `layers.${index}.weight`, [rows, columns]), weight(builder, `layers.${index}.bias`, [rows])];
    value = builder.op("Gemm", inputs, { name: `/layers.${index}/Gemm`, attributes: { transB: 1 } });
    if (index < 2) value = builder.op("Relu", [value], { name: `/layers.${index}/Relu` });
  }
  builder.output(value, { name: "prediction", type: "float32", shape: ["batch", 3] });
  return builder.model;
}

/** Convolutions, pooling and a dense layer on small images: [batch, 1, 8, 8] to the probabilities of 4 classes. */
export function imageNetwork(): ModelProto {
  const builder = new GraphBuilder(createModel({ name: "image", opset: 17 }));
  let value = builder.input("image", "float32", ["batch", 1, 8, 8]);
  for (const [index, [channels, filters]] of [
    [1, 6],
    [6, 8],
  ].entries() as Iterable<[number, [number, number]]>) {
    const kernel = weight(builder, `features.${index}.weight`, [filters, channels, 3, 3]);
    value = builder.op("Conv", [value, kernel, weight(builder, `features.${index}.bias`, [filters])], {
      name: `/features.${index}/Conv`,
      attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    });
    value = builder.op("Relu", [value], { name: `/features.${index}/Relu` });
    value = builder.op("MaxPool", [value], { name: `/features.${index}/MaxPool`, attributes: { kernel_shape: [2, 2], strides: [2, 2] } });
  }
  const flat = builder.op("Flatten", [value], { name: "/Flatten", attributes: { axis: 1 } });
  const dense = [flat, weight(builder, "classifier.weight", [4, 32]), weight(builder, "classifier.bias", [4])];
  const logits = builder.op("Gemm", dense, { name: "/classifier/Gemm", attributes: { transB: 1 } });
  builder.output(builder.op("Softmax", [logits], { attributes: { axis: 1 } }), { name: "classes", type: "float32", shape: ["batch", 4] });
  return builder.model;
}
