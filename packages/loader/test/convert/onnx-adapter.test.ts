import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { decodeOnnxAdapter, openAdapter } from "@graft/format";
import { importOnnxAdapterFile, load, writeOnnxAdapter } from "@graft/loader/node";
import type { MethodOptions } from "@graft/methods";
import { referee } from "../../../../test/referee.ts";
import { RefereeSession } from "../../../../test/referee-session.ts";
import { tinyBase } from "../../../methods/test/tiny-base.ts";
import { randomAdapter } from "../random-adapter.ts";

const ROWS = [
  [1, 5, 7, 2],
  [3, 9, 11],
];
const WRITER = { name: "test", version: "1.0.0" };

function difference(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number {
  return Math.max(...one.flatMap((row, index) => row.map((value, column) => Math.abs(value - (other[index]?.[column] ?? Number.NaN)))));
}

async function graft(base: Base, adapter: Uint8Array): Promise<number[][]> {
  await using model = await load(base, { adapters: [adapter], threads: 1 });
  return (
    await model.run(
      ROWS.map((ids) => ({ ids })),
      { batchSize: 1 },
    )
  ).map(({ logits }) => [...logits]);
}

const METHODS: readonly MethodOptions[] = [
  { name: "lora", rank: 3, alpha: 5, targets: ["all-linear", "word_embeddings"] },
  { name: "ia3" },
  { name: "dora", rank: 2 },
];

let home: string;
let base: Base;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "graft-onnx-adapter-"));
  base = await tinyBase();
});
afterAll(() => rm(home, { recursive: true }));

describe.skipIf(referee === undefined)("ONNX Runtime's own Python", () => {
  let python: RefereeSession;
  beforeAll(() => {
    python = new RefereeSession("onnx_adapters.py");
  });
  afterAll(() => python.close());

  test.each(METHODS)("reads and runs what is written of $name", async (method) => {
    const bytes = await randomAdapter(base, { method });
    const [file, graph] = [join(home, `${method.name}.onnx_adapter`), join(home, `${method.name}.onnx`)];
    const { parameters } = await writeOnnxAdapter(await openAdapter(bytes), file, { base, graph });
    const read = await python.ask<Record<string, { shape: number[]; values: number[] }>>({ do: "read", file });
    expect(Object.keys(read).toSorted()).toEqual(parameters.toSorted());
    const ours = decodeOnnxAdapter(await readFile(file));
    for (const [name, { shape, data }] of ours.parameters)
      expect([read[name]?.shape, read[name]?.values]).toEqual([shape, [...new Float32Array(data.slice().buffer)]]);
    const expected = await graft(base, bytes);
    const attached = await python.ask<{ rows: number[][] }>({ do: "run", file, graph, rows: ROWS });
    expect(difference(attached.rows, expected)).toBeLessThan(2e-4);
    // Without an adapter the graph runs too, and gives something else.
    const plain = await python.ask<{ rows: number[][] }>({ do: "run", graph, rows: ROWS });
    expect(plain.rows).not.toEqual(attached.rows);

    if (method.name === "dora") {
      await expect(importOnnxAdapterFile(file, { base, writer: WRITER })).rejects.toMatchObject({ code: "CONVERT_UNSUPPORTED" });
      return;
    }
    const back = await importOnnxAdapterFile(file, { base, writer: WRITER });
    expect(difference(await graft(base, back.bytes), expected)).toBeLessThan(1e-5);
  });

  test("writes what Graft reads, pairs transposed as Olive lays them", async () => {
    const file = join(home, "olive.onnx_adapter");
    const values = (count: number, step: number): number[] =>
      Array.from({ length: count }, (_, index) => Math.fround(((index * step) % 7) / 10));
    const module = "bert.encoder.layer.1.attention.self.query";
    await python.ask({
      do: "write",
      file,
      parameters: {
        [`${module}.lora_A.weight`]: { shape: [8, 3], values: values(24, 5) },
        [`${module}.lora_B.weight`]: { shape: [3, 8], values: values(24, 3) },
      },
    });
    const { bytes, manifest } = await importOnnxAdapterFile(file, { base, writer: WRITER });
    expect(manifest.targets).toMatchObject([{ module, rank: 3, scale: 1 }]);
    const a = await (await openAdapter(bytes)).values(`base_model.model.${module}.lora_A.weight`);
    expect(Array.from(a.subarray(0, 3))).toEqual([0, 3, 6].map((index) => values(24, 5)[index]));
  });
});

describe("a .onnx_adapter of a stranger", () => {
  let good: Uint8Array;
  beforeAll(async () => {
    const file = join(home, "good.onnx_adapter");
    await writeOnnxAdapter(await openAdapter(await randomAdapter(base, { method: { name: "lora", rank: 2 } })), file, { base });
    good = new Uint8Array(await readFile(file));
  });

  test("is refused wherever it is cut off", () => {
    for (const length of [0, 3, 8, 40, Math.floor(good.length / 2), good.length - 100])
      expect(() => decodeOnnxAdapter(good.subarray(0, length))).toThrow(expect.objectContaining({ code: "CONVERT_INVALID" }));
  });

  test("never takes anything but a refusal, whichever byte lies", () => {
    let refused = 0;
    for (let index = 0; index < Math.min(good.length, 3000); index++) {
      const changed = good.slice();
      changed[index] = (changed[index] as number) ^ 0xff;
      try {
        decodeOnnxAdapter(changed);
      } catch (cause) {
        expect(cause).toMatchObject({ code: "CONVERT_INVALID" });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  test("is refused with the names of another base", async () => {
    const file = join(home, "other.onnx_adapter");
    await writeFile(file, good);
    const narrow = await tinyBase({ seed: 5 });
    expect((await importOnnxAdapterFile(file, { base: narrow, writer: WRITER })).manifest.base.fingerprint).not.toBe("");
    await expect(importOnnxAdapterFile(join(home, "none.onnx_adapter"), { base, writer: WRITER })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
    await writeFile(file, "TORT?");
    await expect(importOnnxAdapterFile(file, { base, writer: WRITER })).rejects.toMatchObject({ code: "CONVERT_INVALID" });
  });

  test("the base is not written over, and what is there is kept", async () => {
    const adapter = await openAdapter(await randomAdapter(base, { method: { name: "lora", rank: 2 } }));
    await expect(writeOnnxAdapter(adapter, join(home, "good.onnx_adapter"), { base })).rejects.toMatchObject({ code: "NOT_WRITABLE" });
    const whole = await openAdapter(await randomAdapter(base, { method: { name: "bitfit" } }));
    await expect(writeOnnxAdapter(whole, join(home, "whole.onnx_adapter"), { base })).rejects.toMatchObject({ code: "USAGE" });
  });
});
