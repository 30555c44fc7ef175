import { isGraftError } from "@graft/error";
import { openAdapter, packAdapter, targetTensors, validateAdapter, type RecordedBase, type Target } from "@graft/format";
import { fromFloat32, type Tensor } from "@graft/safetensors";
import { describe, expect, test } from "vitest";
import { buildManifest } from "../adapter-builder.ts";

const MODULE = "bert.encoder.layer.0.attention.self.query";
const DIGEST = `sha256:${"ab".repeat(32)}` as const;
const OTHER = `sha256:${"cd".repeat(32)}` as const;
const base: RecordedBase = {
  name: "tiny",
  fingerprint: DIGEST,
  matrices: [{ module: MODULE, digest: DIGEST, rows: 4, columns: 6, norm: 2 }],
};
const TARGET: Target = { module: MODULE, digest: DIGEST, in: 6, out: 4, rank: 2, alpha: 4, scale: 2 };

/** An adapter of one target whose tensors are filled with a value each, by what they are for. */
async function adapter(values: Readonly<Record<string, number>>, changes: { target?: Partial<Target>; method?: string } = {}) {
  const method = changes.method ?? "lora";
  const { module, digest, in: columns, out } = TARGET;
  const target: Target = method === "ia3" ? { module, digest, in: columns, out, side: "output" } : { ...TARGET, ...changes.target };
  const tensors = new Map(
    targetTensors(method, target).map(({ key, part, shape }): [string, Tensor] => {
      const size = shape.reduce((product, one) => product * one, 1);
      return [key, { dtype: "F32", shape, data: fromFloat32("F32", new Float32Array(size).fill(values[part] ?? 0)) }];
    }),
  );
  const manifest = buildManifest({
    method: { name: method },
    targets: [target],
    tensors: [],
    task: { type: "feature-extraction", labels: [] },
  });
  return await openAdapter(packAdapter({ manifest, tensors }));
}

const fault = async (made: Awaited<ReturnType<typeof adapter>>, record = base) => {
  const cause: unknown = await validateAdapter(made, record).then(
    () => undefined,
    (error: unknown) => error,
  );
  return isGraftError(cause) ? [cause.code, cause.detail?.["reason"]] : cause;
};

describe("an adapter against the record of its base", () => {
  test("the size of every delta is told beside its matrix", async () => {
    // B·A is 2 · 0.1 · 0.1 everywhere; times the scale of 2 over 24 places, beside a norm of 2.
    const want = (2 * 0.1 * 0.1 * 2 * Math.sqrt(24)) / 2;
    const [delta] = await validateAdapter(await adapter({ a: 0.1, b: 0.1 }), base);
    expect(delta).toMatchObject({ module: MODULE, isExact: true });
    expect(delta?.ratio).toBeCloseTo(want, 6);
  });

  test("targets that the base has not, or in another shape, are named", async () => {
    const [matrix] = base.matrices;
    if (matrix === undefined) throw new Error("no matrix");
    const good = await adapter({ a: 0.1, b: 0.1 });
    expect(await fault(good, { ...base, matrices: [{ ...matrix, digest: OTHER }] })).toEqual(["BASE_MISMATCH", undefined]);
    expect(await fault(good, { ...base, matrices: [{ ...matrix, rows: 5 }] })).toEqual(["BASE_MISMATCH", undefined]);
    expect(await fault(good, { ...base, matrices: [{ ...matrix, rows: 6, columns: 4 }] })).toBeUndefined();
  });

  test("a scale is alpha / rank or alpha / √rank", async () => {
    expect(await fault(await adapter({ a: 0.1, b: 0.1 }, { target: { scale: 4 / Math.sqrt(2) } }))).toBeUndefined();
    expect(await fault(await adapter({ a: 0.1, b: 0.1 }, { target: { scale: 4 } }))).toEqual(["ADAPTER_INVALID", "wrong-scale"]);
    expect(await fault(await adapter({ a: 0.1, b: 0.1 }, { target: { scale: 2.00001 } }))).toEqual(["ADAPTER_INVALID", "wrong-scale"]);
  });

  test("a delta of zero and one that drowns its matrix are refused", async () => {
    expect(await fault(await adapter({ a: 0.1, b: 0 }))).toEqual(["ADAPTER_INVALID", "zero-delta"]);
    expect(await fault(await adapter({ a: 0, b: 0.1 }))).toEqual(["ADAPTER_INVALID", "zero-delta"]);
    expect(await fault(await adapter({ a: 5, b: 5 }))).toEqual(["ADAPTER_INVALID", "delta-out-of-bounds"]);
    const [matrix] = base.matrices;
    if (matrix === undefined) throw new Error("no matrix");
    expect(await fault(await adapter({ a: 0.1, b: 0.1 }), { ...base, matrices: [{ ...matrix, norm: 0 }] })).toEqual([
      "ADAPTER_INVALID",
      "delta-out-of-bounds",
    ]);
  });

  test("magnitudes and scaling vectors count as well", async () => {
    // Four rows of norm 1 give a matrix of norm 2: nothing changed.
    expect(await fault(await adapter({ a: 0.1, b: 0, magnitude: 1 }, { method: "dora" }))).toEqual(["ADAPTER_INVALID", "zero-delta"]);
    const [turned] = await validateAdapter(await adapter({ a: 0.1, b: 0, magnitude: 1.5 }, { method: "dora" }), base);
    expect(turned).toMatchObject({ isExact: false });
    expect(turned?.ratio).toBeCloseTo(0.5, 6);
    expect(await fault(await adapter({ vector: 1 }, { method: "ia3" }))).toEqual(["ADAPTER_INVALID", "zero-delta"]);
    const [amplified] = await validateAdapter(await adapter({ vector: 1.25 }, { method: "ia3" }), base);
    expect(amplified?.ratio).toBeCloseTo(0.25, 6);
  });
});
