import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { load, type LoadedModel, type LoadOptions, type Prediction, type Row } from "@graft/loader/node";
import type { MethodOptions } from "@graft/methods";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const ROWS: readonly Row[] = [{ ids: [1, 5, 7, 2] }, { ids: [3, 9] }, { ids: [4, 4, 4, 4, 4, 4, 4] }];

/** Every method, and what it is trained on where that is more than one kind of layer. */
const METHODS: Readonly<Record<string, MethodOptions>> = {
  lora: { name: "lora", rank: 2, alpha: 3 },
  "lora of another rank on every layer": { name: "lora", rank: 5, targets: "all-linear" },
  "lora on tables": { name: "lora", rank: 2, targets: ["word_embeddings", "token_type_embeddings", "key"] },
  "lora with biases": { name: "lora", rank: 2, bias: "all" },
  dora: { name: "dora", rank: 3, targets: "all-linear" },
  "dora on tables": { name: "dora", rank: 2, targets: ["word_embeddings", "value"] },
  ia3: { name: "ia3" },
  bitfit: { name: "bitfit" },
  full: { name: "full" },
  "last-layers": { name: "last-layers", layers: 1 },
  head: { name: "head" },
  "prefix-embedding": { name: "prefix-embedding", prefix: 2, infix: 1 },
  "prefix-layer": { name: "prefix-layer", prefix: 2 },
  bottleneck: { name: "bottleneck" },
};
const UNMERGEABLE: ReadonlySet<string> = new Set(["prefix-embedding", "prefix-layer", "bottleneck"]);

const opened: LoadedModel[] = [];
async function loaded(base: Base, options: LoadOptions): Promise<LoadedModel> {
  const model = await load(base, { threads: 1, ...options });
  opened.push(model);
  return model;
}
afterAll(() => Promise.all(opened.map((model) => model.close())));

/** Largest difference, relative where values are larger than 1. */
function difference(one: readonly Prediction[], other: readonly Prediction[]): number {
  const pairs = one.flatMap(({ logits }, row) => {
    const there = other[row]?.logits ?? new Float32Array();
    return logits.length === there.length
      ? Array.from(logits, (value, index) => Math.abs(value - (there[index] ?? 0)) / Math.max(1, Math.abs(value)))
      : [Infinity];
  });
  return Math.max(...pairs);
}
const logits = (answers: readonly Prediction[]): Float32Array[] => answers.map((answer) => answer.logits);

let base: Base;
let adapters: ReadonlyMap<string, Uint8Array>;
let model: LoadedModel;
beforeAll(async () => {
  base = await tinyBase();
  const made = Object.entries(METHODS).map(async ([name, method], index) => {
    const labels = Array.from({ length: 2 + (index % 4) }, (_, label) => `label ${label}`);
    return [name, await randomAdapter(base, { method, labels, seed: index + 1, changes: nameOf(name) })] as const;
  });
  adapters = new Map(await Promise.all(made));
  model = await loaded(base, { adapters: [...adapters.values()] });
});

function nameOf(name: string): { name: string; version: string } {
  return { name: `@test/${name.replaceAll(" ", "-")}`, version: "1.0.0" };
}

describe.each(Object.keys(METHODS))("%s", (name) => {
  test.skipIf(UNMERGEABLE.has(name))("gives the same attached and merged, to 1e-5", async () => {
    const adapter = adapters.get(name) as Uint8Array;
    const merged = await loaded(base, { adapters: [adapter], mode: "merge" });
    expect(difference(await model.run(ROWS, { adapter: nameOf(name).name }), await merged.run(ROWS))).toBeLessThan(1e-5);
  });

  test("beside all the others gives what it gives alone in its model, and A, B, A the same bits again", async () => {
    const alone = await loaded(base, { adapters: [adapters.get(name) as Uint8Array] });
    const first = await model.run(ROWS, { adapter: nameOf(name).name });
    expect(difference(await alone.run(ROWS), first)).toBeLessThan(1e-5);
    for (const other of Object.keys(METHODS)) await model.run([ROWS[0] as Row], { adapter: nameOf(other).name });
    expect(logits(await model.run(ROWS, { adapter: nameOf(name).name }))).toEqual(logits(first));
  });
});

test("each row of a batch of all adapters and of none gives what it gives alone, of its own head", async () => {
  const chosen = [null, ...Object.keys(METHODS).map((name) => nameOf(name).name)].flatMap((name) => [name, name]);
  const rows = chosen.map((_, index) => ROWS[index % ROWS.length] as Row);
  const together = await model.run(rows, { adapters: chosen });
  for (const [index, adapter] of chosen.entries()) {
    const [alone] = await model.run([rows[index] as Row], { adapter });
    expect(difference([alone as Prediction], [together[index] as Prediction])).toBeLessThan(1e-5);
    expect(Object.keys(together[index]?.scores ?? {})).toEqual(Object.keys(alone?.scores ?? {}));
  }
  expect(together[0]?.dims).toEqual([4, 8]);
});

test("rows without an adapter are the base's, whatever is beside them, and the whole model's after a switch to none", async () => {
  const bare = await loaded(base, { adapters: [] });
  const expected = await bare.run(ROWS, { adapter: null });
  expect(difference(expected, await model.run(ROWS, { adapters: [null, null, null] }))).toBeLessThan(1e-6);
  model.switch(null);
  expect(model.current).toBeUndefined();
  expect(difference(expected, await model.run(ROWS))).toBeLessThan(1e-6);
  model.switch("@test/lora");
});

test("adapters of one batch are as many as the rows, or the error says so", async () => {
  await expect(model.run(ROWS, { adapters: ["@test/lora"] })).rejects.toMatchObject({ code: "USAGE" });
});

test("an answer has the type of the task that is asked for, or is refused", async () => {
  const [answer] = await model.run(ROWS, { adapter: "@test/lora", task: "text-classification" });
  expect("label" in (answer ?? {})).toBe(true);
  await expect(model.run(ROWS, { adapter: "@test/lora", task: "token-classification" })).rejects.toMatchObject({ code: "USAGE" });
  await expect(model.run(ROWS, { adapters: ["@test/lora", null, null], task: "text-classification" })).rejects.toMatchObject({
    code: "USAGE",
  });
});

test("two adapters of one name and other bytes are two adapters, and the same bytes one", async () => {
  const both = await loaded(base, { adapters: [adapters.get("lora") as Uint8Array] });
  const changed = await randomAdapter(base, { seed: 77, changes: { name: "@test/lora", version: "1.0.0" } });
  const added = await both.add(changed);
  expect(added.name).not.toBe("@test/lora");
  const answers = await both.run([ROWS[0] as Row, ROWS[0] as Row], { adapters: ["@test/lora", added.digest] });
  expect(answers[0]?.logits).not.toEqual(answers[1]?.logits);
  await expect(both.add(changed)).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining("already") });
});

test("an adapter that was removed is no longer found, and the others keep their bits", async () => {
  const some = await loaded(base, { adapters: ["lora", "bottleneck", "ia3"].map((name) => adapters.get(name) as Uint8Array) });
  const before = logits(await some.run(ROWS, { adapter: "@test/ia3" }));
  for (const name of ["@test/lora", "@test/bottleneck"]) {
    await some.remove(name);
    expect(() => some.switch(name)).toThrow(expect.objectContaining({ code: "USAGE" }));
  }
  expect(logits(await some.run(ROWS, { adapter: "@test/ia3" }))).toEqual(before);
});

test("a merged adapter is taken out again without a trace: what is left is the base, to the bit", async () => {
  const own = await loaded(base, { adapters: [adapters.get("lora") as Uint8Array], mode: "merge" });
  const before = logits(await own.run(ROWS, { adapter: null }));
  await own.unmerge();
  expect(own.adapters).toEqual([]);
  expect(logits(await own.run(ROWS))).toEqual(before);
  const bare = await loaded(base, { adapters: [], mode: "merge" });
  expect(logits(await bare.run(ROWS))).toEqual(before);
  await expect(model.unmerge()).rejects.toMatchObject({ code: "USAGE" });
});

describe.each([true, false])("with worker: %s", (worker) => {
  test("runs give the same, and options of the session arrive", async () => {
    const session = { arena: false, native: { executionMode: "sequential" } };
    const own = await loaded(base, { adapters: [adapters.get("dora") as Uint8Array], worker, executionProviders: ["cpu"], session });
    expect(difference(await own.run(ROWS), await model.run(ROWS, { adapter: "@test/dora" }))).toBeLessThan(1e-6);
  });
});

test("a provider that is not there is named", async () => {
  const options = { adapters: [adapters.get("lora") as Uint8Array], executionProviders: ["nowhere"] };
  await expect(load(base, options)).rejects.toMatchObject({ code: "DEVICE_UNAVAILABLE", message: expect.stringContaining("nowhere") });
});
