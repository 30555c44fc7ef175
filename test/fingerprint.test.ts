import { openBase } from "@graft/architectures/node";
import { type Fingerprint, fingerprint, matrices } from "@graft/onnx";
import { beforeAll, describe, expect, test } from "vitest";
import { type Exports, minilmExports } from "./exports.ts";
import { referee } from "./referee.ts";

const KINDS = ["checkpoint", "hub", "legacy", "dynamo"] as const;

describe.skipIf(referee === undefined)("all-MiniLM-L6-v2 in four forms", () => {
  let paths: Exports | undefined;
  const found = new Map<string, Fingerprint>();

  beforeAll(async () => {
    paths = minilmExports();
    for (const kind of KINDS) {
      const { model, weights } = await openBase(paths?.[kind] ?? "");
      found.set(kind, await fingerprint(model, weights));
    }
  });

  test("checkpoint, Hugging Face cache, TorchScript export and dynamo export have one fingerprint over 39 matrices", () => {
    expect(new Set(Array.from(found.values(), (entry) => entry.fingerprint)).size).toBe(1);
    expect(Array.from(found.values(), (entry) => entry.matrices.length)).toEqual([39, 39, 39, 39]);
  });

  test("every matrix has the same module and digest in each", () => {
    const byModule = KINDS.map((kind) =>
      Object.fromEntries((found.get(kind)?.matrices ?? []).map(({ module, digest }) => [module, digest])),
    );
    expect(Object.keys(byModule[0] ?? {})).toContain("encoder.layer.0.attention.self.query");
    for (const other of byModule) expect(other).toEqual(byModule[0]);
  });

  test.each([
    ["checkpoint", "out_in", "encoder.layer.0.intermediate.dense.weight"],
    ["hub", "out_in", "encoder.layer.0.intermediate.dense.weight"],
    ["legacy", "in_out", expect.stringMatching(/^onnx::MatMul_\d+$/)],
    ["dynamo", "in_out", expect.stringMatching(/^val_\d+$/)],
  ] as const)("in the %s form linear weights lie as %s, with their bias", async (kind, orientation, initializer) => {
    const { model } = await openBase(paths?.[kind] ?? "");
    const linear = matrices(model).filter(({ operator }) => operator === "MatMul");
    expect(linear.length).toBe(36);
    expect(new Set(linear.map((matrix) => matrix.orientation))).toEqual(new Set([orientation]));
    expect(linear.find(({ module }) => module === "encoder.layer.0.intermediate.dense")).toMatchObject({
      initializer,
      in: 384,
      out: 1536,
      bias: { initializer: "encoder.layer.0.intermediate.dense.bias", module: "encoder.layer.0.intermediate.dense" },
    });
  });
});
