import { createModel, encodeModel, GraphBuilder } from "@graft/onnx";
import { floatValue, type TensorValue } from "@graft/runtime";

/** x, w → w_next = x + w, and total = the sum of w. */
export function accumulator(): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "accumulator" }));
  builder.input("x", "float32", [2]);
  builder.input("w", "float32", [2]);
  builder.output(builder.op("Add", ["x", "w"]), { name: "w_next", type: "float32", shape: [2] });
  builder.output(builder.op("ReduceSum", ["w"], { attributes: { keepdims: 0 } }), { name: "total", type: "float32", shape: [] });
  return encodeModel(builder.model);
}

/** x [n, n] → x multiplied with itself so often that it takes a while. */
export function slow(rounds: number): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "slow" }));
  let value = builder.input("x", "float32", ["n", "n"]);
  for (let round = 0; round < rounds; round++) value = builder.op("MatMul", [value, "x"]);
  builder.output(value, { name: "y", type: "float32", shape: ["n", "n"] });
  return encodeModel(builder.model);
}

/** Two floats. */
export function pair(first: number, second: number): TensorValue<"float32"> {
  return floatValue([2], Float32Array.of(first, second));
}

/** A square of zeros. */
export function square(size: number): TensorValue<"float32"> {
  return floatValue([size, size], new Float32Array(size * size));
}

/** w → w_next = 2 · w. */
export function doubler(): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "doubler" }));
  builder.input("w", "float32", [2]);
  builder.output(builder.op("Add", ["w", "w"]), { name: "w_next", type: "float32", shape: [2] });
  return encodeModel(builder.model);
}

/** w [2, 4] → the same. */
export function identity(): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "identity" }));
  builder.input("w", "float32", [2, 4]);
  builder.output(builder.op("Identity", ["w"]), { name: "same", type: "float32", shape: [2, 4] });
  return encodeModel(builder.model);
}

/** piece [n] → next = piece / 2. */
export function halver(): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "halver" }));
  builder.input("piece", "float32", ["n"]);
  builder.output(builder.op("Mul", ["piece", builder.float(0.5)]), { name: "next", type: "float32", shape: ["n"] });
  return encodeModel(builder.model);
}
