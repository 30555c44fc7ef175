import { compareMatrices, createModel, floatTensor, GraphBuilder, matrixNorms, modelWeights } from "@graft/onnx";
import { bytesSource } from "@graft/safetensors";
import { expect, test } from "vitest";

const IN = 900;
const OUT = 2500;
const VALUES = Float32Array.from({ length: IN * OUT }, (_, index) => Math.sin(index));
const NORM = Math.sqrt(VALUES.reduce((sum, value) => sum + value * value, 0));

/** A model that multiplies by matrices [in, out], stored so or the other way, as exporters do. */
function modelOf(matrices: Readonly<Record<string, Float32Array>>, { turned = false } = {}) {
  const builder = new GraphBuilder(createModel({ name: "compared" }));
  for (const [name, values] of Object.entries(matrices)) {
    const stored = turned ? values.map((_, index) => values[(index % IN) * OUT + Math.floor(index / IN)] as number) : values;
    const weight = builder.initializer(floatTensor(`${name}.weight`, turned ? [OUT, IN] : [IN, OUT], stored));
    builder.op("MatMul", ["x", turned ? builder.op("Transpose", [weight], { attributes: { perm: [1, 0] } }) : weight]);
  }
  return { model: builder.model, weights: modelWeights(builder.model, async () => bytesSource(new Uint8Array())) };
}

test("the norm of a matrix is that of its values, read in blocks", async () => {
  const { model, weights } = modelOf({ query: VALUES });
  const norms = await matrixNorms(model, weights);
  expect([...norms.keys()]).toEqual(["query.weight"]);
  expect(norms.get("query.weight")).toBeCloseTo(NORM, 6);
});

test("a variant is as far from its original as the norm of the difference says, whichever way it is stored", async () => {
  const original = modelOf({ query: VALUES });
  expect(await compareMatrices(original, modelOf({ query: VALUES }, { turned: true }))).toEqual({ relative: 0, compared: 1, total: 1 });
  const scaled = modelOf({ query: VALUES.map((value) => value * 1.25) }, { turned: true });
  expect((await compareMatrices(original, scaled)).relative).toBeCloseTo(0.25, 6);
  expect(await compareMatrices(modelOf({ query: VALUES, value: VALUES }), scaled)).toMatchObject({ compared: 1, total: 2 });
  expect(await compareMatrices(original, modelOf({ other: VALUES }))).toEqual({ relative: 0, compared: 0, total: 1 });
});
