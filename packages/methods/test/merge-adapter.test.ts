import { expect, test } from "vitest";
import { loraKeys, type Manifest } from "@graft/format";
import { attachAdapters, initialise, matchTargets, mergeAdapter, METHODS } from "@graft/methods";
import {
  createModel,
  dataTypeName,
  encodeModel,
  floatTensor,
  GraphBuilder,
  type ModelProto,
  modelWeights,
  rawTensor,
  type Weights,
} from "@graft/onnx";
import { type Feeds, floatValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { fromFloat32 } from "@graft/safetensors";

const [IN, OUT] = [3, 4];
const DIGEST = `sha256:${"0".repeat(64)}` as const;
const X: Feeds = { x: floatValue([1, 2, IN], Float32Array.from([1, -2, 3, 0.5, 0.25, -1])) };
const values = (seed: number, size: number): Float32Array => Float32Array.from({ length: size }, (_, index) => Math.sin(seed + index));

/** Ways in which a graph can hold y = x · Wᵀ, each with the values of W [out, in]. */
const FORMS: Readonly<Record<string, (builder: GraphBuilder) => string>> = {
  "MatMul of [in, out]": (builder) =>
    builder.op("MatMul", ["x", builder.initializer(floatTensor("net.linear.weight", [IN, OUT], values(1, IN * OUT)))]),
  "Transpose and MatMul of [out, in]": (builder) => {
    const weight = builder.op("Transpose", [builder.initializer(floatTensor("net.linear.weight", [OUT, IN], values(1, IN * OUT)))], {
      attributes: { perm: [1, 0] },
    });
    return builder.op("MatMul", ["x", weight]);
  },
  "Gemm of [out, in]": (builder) => {
    const flat = builder.op("Reshape", ["x", builder.int([-1, IN])]);
    const weight = builder.initializer(floatTensor("net.linear.weight", [OUT, IN], values(1, IN * OUT)));
    const product = builder.op("Gemm", [flat, weight, builder.initializer(floatTensor("net.linear.bias", [OUT], values(9, OUT)))], {
      attributes: { transB: 1 },
    });
    return builder.op("Reshape", [product, builder.int([1, -1, OUT])]);
  },
  "Gemm of [in, out]": (builder) => {
    const flat = builder.op("Reshape", ["x", builder.int([-1, IN])]);
    const product = builder.op("Gemm", [flat, builder.initializer(floatTensor("net.linear.weight", [IN, OUT], values(1, IN * OUT)))]);
    return builder.op("Reshape", [product, builder.int([1, -1, OUT])]);
  },
  "a Constant node": (builder) => {
    const weight = builder.op("Constant", [], {
      outputs: ["net.linear.weight"],
      attributes: { value: floatTensor("", [IN, OUT], values(1, IN * OUT)) },
    });
    return builder.op("MatMul", ["x", weight], { name: "/net/linear/MatMul" });
  },
  "float16 that is cast": (builder) => {
    const stored = builder.initializer(
      rawTensor("net.linear.weight", { type: "float16", dims: [OUT, IN], bytes: fromFloat32("F16", values(1, IN * OUT)) }),
    );
    const weight = builder.op("Transpose", [builder.op("Cast", [stored], { attributes: { to: 1 } })], { attributes: { perm: [1, 0] } });
    return builder.op("MatMul", ["x", weight]);
  },
  "float16 that is computed with": (builder) => {
    const narrow = builder.op("Cast", ["x"], { attributes: { to: 10 } });
    const weight = builder.initializer(
      rawTensor("net.linear.weight", { type: "float16", dims: [IN, OUT], bytes: fromFloat32("F16", values(1, IN * OUT)) }),
    );
    return builder.op("Cast", [builder.op("MatMul", [narrow, weight])], { attributes: { to: 1 } });
  },
  "a weight that another module shares": (builder) => {
    const shared = builder.initializer(floatTensor("onnx::MatMul_7", [IN, OUT], values(1, IN * OUT)));
    const product = builder.op("MatMul", ["x", shared], { name: "/net/linear/MatMul" });
    return builder.op("Add", [product, builder.op("MatMul", ["x", shared], { name: "/net/other/MatMul" })]);
  },
  "layers that share all of it": (builder) => {
    const shared = builder.initializer(floatTensor("net.linear.weight", [IN, OUT], values(1, IN * OUT)));
    return builder.op("Add", [builder.op("MatMul", ["x", shared]), builder.op("MatMul", ["x", shared])]);
  },
};

function build(form: (builder: GraphBuilder) => string): { model: ModelProto; weights: Weights } {
  const model = createModel({ name: "test", opset: 18 });
  const builder = new GraphBuilder(model);
  builder.input("x", "float32", [1, 2, IN]);
  builder.output(form(builder), { name: "last_hidden_state", type: "float32", shape: [1, 2, OUT] });
  return { model, weights: modelWeights(model, () => Promise.reject(new Error("nothing is external"))) };
}

async function answer(model: ModelProto, feeds: Feeds): Promise<Float32Array> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  try {
    return (await session.run({ ...X, ...feeds }))["last_hidden_state"]?.data as Float32Array;
  } finally {
    await session.close();
  }
}

test.each(Object.keys(FORMS))("merged and attached agree on %s", async (name) => {
  const base = build(FORMS[name] as (builder: GraphBuilder) => string);
  const plan = METHODS.lora.plan({ ...base, hiddenSize: OUT }, { name: "lora", rank: 2, alpha: 3, targets: "net.linear" }, "net");
  const { targets } = plan;
  const tensors = await initialise(
    { trainables: plan.trainables.map((one) => ({ ...one, init: { kind: "gaussian", deviation: 1 } as const })) },
    { seed: 4, weights: base.weights },
  );
  const manifest = {
    formatVersion: 1,
    method: plan.method,
    task: { type: "feature-extraction", labels: [] },
    base: { name: "test", fingerprint: DIGEST, files: [] },
    targets: targets.map(({ module, in: columns, out, rank, alpha, scale }) => ({
      module,
      digest: DIGEST,
      in: columns,
      out,
      rank,
      alpha,
      scale,
    })),
    tensors: [],
    writer: { name: "test", version: "1.0.0" },
  } satisfies Manifest;
  const { matches } = await matchTargets(base.model, manifest.targets);
  const attached = attachAdapters({ model: base.model, hiddenSize: OUT }, [{ manifest, matches }]);
  const merged = await mergeAdapter(base, { manifest, matches, values: async (key) => tensors.get(key) as Float32Array });

  const { a = "", b: second = "" } = attached.targets[0]?.inputs ?? {};
  const [target] = targets;
  if (target === undefined) throw new Error("there is no target");
  const keys = loraKeys(target.module);
  const b = (tensors.get(keys.b) as Float32Array).map((value) => value * (target.scale ?? 0));
  const before = encodeModel(base.model);
  const plain = await answer(base.model, {});
  const none = await answer(attached.model, {
    [a]: floatValue([0, IN], new Float32Array()),
    [second]: floatValue([OUT, 0], new Float32Array()),
  });
  const branch = await answer(attached.model, {
    [a]: floatValue([2, IN], tensors.get(keys.a) as Float32Array),
    [second]: floatValue([OUT, 2], b),
  });
  const whole = await answer(merged.model, {});

  expect(none).toEqual(plain);
  expect(Math.max(...branch.map((value, index) => Math.abs(value - (plain[index] ?? 0))))).toBeGreaterThan(0.1);
  const digits = name === "float16 that is computed with" ? 1 : 4;
  for (const [index, value] of whole.entries()) expect(value).toBeCloseTo(branch[index] ?? Number.NaN, digits);
  expect(encodeModel(base.model)).toEqual(before);
});

test("what is new is what the target needs, in float32 where the graph computes in it", async () => {
  const base = build(FORMS["float16 that is cast"] as (builder: GraphBuilder) => string);
  const target = { module: "net.linear", digest: DIGEST, in: IN, out: OUT, rank: 1, alpha: 1, scale: 1 };
  const manifest = {
    formatVersion: 1,
    method: { name: "lora" },
    task: { type: "feature-extraction", labels: [] },
    base: { name: "test", fingerprint: DIGEST, files: [] },
    targets: [target],
    tensors: [],
    writer: { name: "test", version: "1.0.0" },
  } satisfies Manifest;
  const { matches } = await matchTargets(base.model, manifest.targets);
  const source = {
    manifest,
    matches,
    values: (key: string) => Promise.resolve(new Float32Array(key.includes("lora_A") ? IN : OUT).fill(1e-5)),
  };
  const { tensors } = await mergeAdapter(base, source);
  expect(tensors.map(({ name, dataType }) => [name, dataTypeName(dataType)])).toEqual([["net.linear.weight", "float32"]]);
  await expect(mergeAdapter(base, { ...source, matches: [] })).rejects.toMatchObject({ code: "BASE_MISMATCH" });
});
