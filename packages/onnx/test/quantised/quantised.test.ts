import {
  createModel,
  digestMatrices,
  encodeModel,
  fingerprint,
  floatTensor,
  floatValues,
  GraphBuilder,
  keepPacked,
  matrices,
  type ModelProto,
  modelWeights,
  quantiseModel,
  type QuantisedForm,
  rawTensor,
  unpacksWeights,
  type Weights,
} from "@graft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";

const [IN, OUT] = [64, 48];
const values = (seed: number, size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => Math.sin(seed + index * 1.7) / 3);
const bytes = (seed: number, size: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: size }, (_, index) => (seed + index * 37) & 255);

/** Ways in which files hold a weight of 64 → 48 as codes: each gives the product's value. */
const FORMS: Readonly<Record<string, { readonly opset?: number; build(builder: GraphBuilder): string }>> = {
  "int8, cast and multiplied per output": {
    build(builder) {
      const codes = builder.initializer(rawTensor("net.linear.weight_q", { type: "int8", dims: [IN, OUT], bytes: bytes(3, IN * OUT) }));
      const cast = builder.op("Cast", [codes], { attributes: { to: 1 } });
      return builder.op("MatMul", ["x", builder.op("Mul", [cast, builder.initializer(floatTensor("scale", [1, OUT], values(1, OUT)))])]);
    },
  },
  "uint8 with a zero point per tensor, transposed": {
    build(builder) {
      const codes = builder.initializer(
        rawTensor("net.linear.weight_quantized", { type: "uint8", dims: [OUT, IN], bytes: bytes(5, IN * OUT) }),
      );
      const zero = builder.initializer(rawTensor("zero", { type: "uint8", dims: [], bytes: Uint8Array.of(117) }));
      const weight = builder.op("DequantizeLinear", [codes, builder.float(0.01), zero]);
      return builder.op("MatMul", ["x", builder.op("Transpose", [weight], { attributes: { perm: [1, 0] } })]);
    },
  },
  "int8 with a scale per output": {
    build(builder) {
      const codes = builder.initializer(
        rawTensor("net.linear.weight_quantized", { type: "int8", dims: [IN, OUT], bytes: bytes(7, IN * OUT) }),
      );
      const scale = builder.initializer(floatTensor("scale", [OUT], values(2, OUT)));
      return builder.op("MatMul", ["x", builder.op("DequantizeLinear", [codes, scale], { attributes: { axis: 1 } })]);
    },
  },
  "int4 in blocks with zero points": {
    opset: 21,
    build(builder) {
      const codes = builder.initializer(
        rawTensor("net.linear.weight_quantized", { type: "uint4", dims: [IN, OUT], bytes: bytes(9, (IN * OUT) / 2) }),
      );
      const scale = builder.initializer(floatTensor("scale", [IN / 16, OUT], values(2, (IN / 16) * OUT)));
      const zero = builder.initializer(rawTensor("zero", { type: "uint4", dims: [IN / 16, OUT], bytes: bytes(2, ((IN / 16) * OUT) / 2) }));
      return builder.op("MatMul", ["x", builder.op("DequantizeLinear", [codes, scale, zero], { attributes: { axis: 0, block_size: 16 } })]);
    },
  },
  "MatMulNBits of 4 bits": { build: (builder) => nBits(builder, { bits: 4, zeros: false }) },
  "MatMulNBits of 4 bits with zero points": { build: (builder) => nBits(builder, { bits: 4, zeros: true }) },
  "MatMulNBits of 8 bits": { build: (builder) => nBits(builder, { bits: 8, zeros: false }) },
  "MatMulBnb4 in NF4": {
    build(builder) {
      const codes = builder.initializer(
        rawTensor("net.linear.weight_Bnb4", { type: "uint8", dims: [(IN * OUT) / 2], bytes: bytes(4, (IN * OUT) / 2) }),
      );
      const maxima = builder.initializer(floatTensor("maxima", [(IN * OUT) / 32], values(6, (IN * OUT) / 32)));
      const attributes = { K: IN, N: OUT, block_size: 32, quant_type: 1 };
      return builder.op("MatMulBnb4", ["x", codes, maxima], { domain: "com.microsoft", name: "/net/linear/MatMul", attributes });
    },
  },
};

function nBits(builder: GraphBuilder, { bits, zeros }: { bits: number; zeros: boolean }): string {
  const [block, blocks] = [16, IN / 16];
  const blob = (block * bits) / 8;
  const codes = builder.initializer(
    rawTensor("net.linear.weight_Q4", { type: "uint8", dims: [OUT, blocks, blob], bytes: bytes(8, OUT * blocks * blob) }),
  );
  const scale = builder.initializer(floatTensor("scale", [OUT * blocks], values(3, OUT * blocks)));
  const inputs = ["x", codes, scale];
  if (zeros)
    inputs.push(builder.initializer(rawTensor("zero", { type: "uint8", dims: [(OUT * blocks) / 2], bytes: bytes(1, (OUT * blocks) / 2) })));
  const attributes = { K: IN, N: OUT, bits, block_size: block };
  return builder.op("MatMulNBits", inputs, { domain: "com.microsoft", attributes });
}

function graph(build: (builder: GraphBuilder) => string, opset = 20): { model: ModelProto; weights: Weights } {
  const model = createModel({ name: "test", opset, irVersion: 10 });
  const builder = new GraphBuilder(model);
  builder.input("x", "float32", ["batch", IN]);
  builder.output(build(builder), { name: "y", type: "float32", shape: ["batch", OUT] });
  return { model, weights: modelWeights(model, () => Promise.reject(new Error("nothing is external"))) };
}

/** What ONNX Runtime makes of an unpacking and a product would otherwise round what it multiplies to 8 bits. */
const EXACT = { session: { qdq_matmulnbits_accuracy_level: "1" } };

async function answer(model: ModelProto): Promise<Float32Array> {
  const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3, extra: EXACT });
  const { y } = await session.run({ x: new Tensor("float32", values(11, 2 * IN), [2, IN]) });
  await session.release();
  return y?.data as Float32Array;
}

/** The same product with the weight in float32. */
async function plainModel(model: ModelProto, weights: Weights): Promise<{ model: ModelProto; weights: Weights }> {
  const [matrix] = matrices(model);
  if (matrix === undefined) throw new Error("there is no matrix");
  const weight = await floatValues(matrix.tensor, weights);
  return graph((builder) => {
    const dims = matrix.orientation === "in_out" ? [IN, OUT] : [OUT, IN];
    const w = builder.initializer(floatTensor("w", dims, weight));
    return builder.op("MatMul", [
      "x",
      matrix.orientation === "in_out" ? w : builder.op("Transpose", [w], { attributes: { perm: [1, 0] } }),
    ]);
  });
}

const difference = (one: Float32Array, other: Float32Array): number =>
  Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? Number.NaN)))) / Math.max(1, ...one.map(Math.abs));

describe.each(Object.keys(FORMS))("%s", (name) => {
  const { opset, build } = FORMS[name] as (typeof FORMS)[string];

  test("is a matrix like any other: named, sized, and hashed over what its codes mean", async () => {
    const { model, weights } = graph(build, opset);
    const [matrix, ...more] = matrices(model);
    expect(more).toEqual([]);
    expect(matrix).toMatchObject({ module: "net.linear", in: IN, out: OUT, input: "x", quantised: true });
    expect(difference(await answer(model), await answer((await plainModel(model, weights)).model))).toBeLessThan(1e-5);
    const [digest] = (await digestMatrices(model, weights)).values();
    const floats = await plainModel(model, weights);
    expect((await digestMatrices(floats.model, floats.weights)).get("w")).toBe(digest);
    expect((await fingerprint(model, weights)).matrices).toHaveLength(1);
  });

  test("computes the same where it is kept packed for training", async () => {
    const { model } = graph(build, opset);
    const before = await answer(model);
    expect(keepPacked(new GraphBuilder(model))).toBe(true);
    expect(unpacksWeights(model)).toBe(true);
    expect(difference(await answer(model), before)).toBeLessThan(1e-5);
  });
});

/** Largest error of a weight in units of the largest weight of its block, by form. */
const ERRORS: Readonly<Record<QuantisedForm, number>> = { int8: 0.5 / 127, int4: 1 / 8, nf4: 0.16 };

describe.each(Object.keys(ERRORS) as QuantisedForm[])("a model that is quantised to %s", (to) => {
  test.each(["MatMul of [in, out]", "Transpose and MatMul of [out, in]"])(
    "gives what its codes mean, near what it gave (%s)",
    async (layout) => {
      const { model, weights } = graph((builder) => {
        const turned = layout.startsWith("Transpose");
        const w = builder.initializer(floatTensor("net.layer.0.weight", turned ? [OUT, IN] : [IN, OUT], values(1, IN * OUT)));
        return builder.op("MatMul", ["x", turned ? builder.op("Transpose", [w], { attributes: { perm: [1, 0] } }) : w]);
      });
      const quantised = await quantiseModel({ model, weights }, { matrices: matrices(model), to });
      const [before] = matrices(model);
      const [after] = matrices(quantised);
      expect(after).toMatchObject({ module: "net.layer.0", quantised: true, in: IN, out: OUT });
      const result = await answer(quantised);
      expect(difference(await answer((await plainModel(quantised, weights)).model), result)).toBeLessThan(1e-5);
      const [old, now] = [
        await floatValues((before as NonNullable<typeof before>).tensor, weights),
        await floatValues((after as NonNullable<typeof after>).tensor, weights),
      ];
      // [out, in] against [in, out], where the stored matrix was turned.
      const same = layout.startsWith("Transpose") ? now.map((_, index) => now[(index % IN) * OUT + Math.floor(index / IN)] ?? 0) : now;
      expect(Math.max(...old.map((value, index) => Math.abs(value - (same[index] ?? Number.NaN))))).toBeLessThan(ERRORS[to] / 3 + 1e-6);
      expect(model.graph?.initializer.map(({ name }) => name)).toEqual(["net.layer.0.weight"]);
    },
  );
});

test("a 4-bit form of a graph of an old operator set is refused", async () => {
  const { model, weights } = graph(
    (builder) => builder.op("MatMul", ["x", builder.initializer(floatTensor("net.weight", [IN, OUT], values(1, IN * OUT)))]),
    17,
  );
  await expect(quantiseModel({ model, weights }, { matrices: matrices(model), to: "nf4" })).rejects.toMatchObject({
    code: "ONNX_UNSUPPORTED",
  });
});
