import { dirname } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { openAdapter } from "@graft/format";
import { load } from "@graft/loader/node";
import type { MethodOptions } from "@graft/methods";
import { type Exports, minilmExports } from "../../../test/exports.ts";
import { type Answer, askPeft } from "../../../test/peft.ts";
import { referee } from "../../../test/referee.ts";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

async function ask(
  base: Base | string,
  options: { adapter: Uint8Array; mode: "attach" | "merge"; rows: readonly (readonly number[])[] },
): Promise<number[][]> {
  await using model = await load(base, { adapters: [options.adapter], mode: options.mode, threads: 1 });
  return (await model.run(options.rows.map((ids) => ({ ids })))).map(({ logits }) => [...logits]);
}

function difference(one: readonly number[][], other: readonly number[][]): number {
  return Math.max(...one.flatMap((row, index) => row.map((value, column) => Math.abs(value - (other[index]?.[column] ?? Number.NaN)))));
}

const METHODS: Readonly<Record<string, MethodOptions>> = {
  "attention layers": { name: "lora", rank: 2, alpha: 3 },
  "all linear layers, scaled by alpha / √rank": { name: "lora", rank: 4, alpha: 8, rankStabilised: true, targets: "all-linear" },
  "ranks and alphas by pattern": {
    name: "lora",
    rank: 2,
    targets: ["query", "value", "intermediate.dense"],
    rankPattern: { "layer\\.1\\..*": 3, value: 5 },
    alphaPattern: { "self\\.(query|value)": 7 },
  },
  "embeddings beside a layer": { name: "lora", rank: 2, targets: ["word_embeddings", "token_type_embeddings", "key"] },
  "the targets' biases": { name: "lora", rank: 2, targets: "all-linear", bias: "lora_only" },
  "every bias": { name: "lora", rank: 2, bias: "all" },
  "directions and magnitudes": { name: "dora", rank: 3, targets: "all-linear" },
  "directions and magnitudes of embeddings": { name: "dora", rank: 2, targets: ["word_embeddings", "value"] },
  "scaling vectors": { name: "ia3" },
};
const TINY_ROWS = [
  [1, 5, 7, 2],
  [3, 9, 11],
];
const ROWS = [
  [101, 7592, 2088, 102],
  [101, 1996, 4248, 2829, 4419, 14523, 102],
];

describe.skipIf(referee === undefined)("PEFT gives the same logits with the same adapter file", () => {
  const tiny: { base: Base; adapter: Uint8Array }[] = [];
  let exports: Exports;
  let adapter: Uint8Array;
  let answers: Answer[];
  beforeAll(async () => {
    const base = await tinyBase();
    for (const method of Object.values(METHODS)) tiny.push({ base, adapter: await randomAdapter(base, { method }) });
    exports = minilmExports() as Exports;
    adapter = await randomAdapter(await openBase(exports.checkpoint), { method: { name: "lora", rank: 8 }, size: 0.05 });
    answers = await askPeft([
      ...tiny.map((one) => ({ base: dirname(base.files[0] ?? ""), adapter: one.adapter, rows: TINY_ROWS })),
      { base: exports.checkpoint, adapter, rows: ROWS },
    ]);
  });

  test.each(Object.keys(METHODS))("on a tiny BERT: %s", async (name) => {
    const index = Object.keys(METHODS).indexOf(name);
    const { base, adapter: own } = tiny[index] as (typeof tiny)[number];
    const { attached = [], merged = [] } = answers[index] ?? {};
    expect(difference(attached, merged)).toBeLessThan(1e-4);
    expect(difference(await ask(base, { adapter: own, mode: "merge", rows: TINY_ROWS }), merged)).toBeLessThan(1e-4);
    const whole = (await openAdapter(own)).manifest.tensors.some(({ role }) => role === "replacement");
    if (!whole) expect(difference(await ask(base, { adapter: own, mode: "attach", rows: TINY_ROWS }), attached)).toBeLessThan(1e-4);
  });

  test.each(["checkpoint", "hub", "legacy", "dynamo"] as const)(
    "on all-MiniLM-L6-v2 as %s, with an adapter made on the checkpoint",
    async (form) => {
      for (const mode of ["attach", "merge"] as const) {
        const theirs = answers.at(-1)?.[mode === "attach" ? "attached" : "merged"] ?? [];
        expect(difference(await ask(exports[form], { adapter, mode, rows: ROWS }), theirs)).toBeLessThan(1e-4);
      }
    },
  );

  test.each(["hub", "legacy", "dynamo"] as const)("an adapter made on %s names the same modules and matrices", async (form) => {
    const made = await openAdapter(await randomAdapter(await openBase(exports[form]), { method: { name: "lora", rank: 8 } }));
    expect(made.manifest.targets).toEqual((await openAdapter(adapter)).manifest.targets);
    expect(made.manifest.base.fingerprint).toBe((await openAdapter(adapter)).manifest.base.fingerprint);
  });
});
