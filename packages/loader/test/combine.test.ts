import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { type Adapter, openAdapter, peftConfig, targetTensors } from "@graft/format";
import { combine, load } from "@graft/loader/node";
import { type CombineOptions, keptAtRandom, METHODS } from "@graft/methods";
import { encodeSafetensors } from "@graft/safetensors";
import { referee, runReferee } from "../../../test/referee.ts";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const WRITER = { name: "graft", version: "0.1.0" };

/** Every way of combining, with adapters of one rank or of two. */
const CASES: readonly { readonly ranks: readonly number[]; readonly weights: readonly number[]; readonly options: CombineOptions }[] = [
  { ranks: [2, 2], weights: [0.7, 0.3], options: { how: "linear" } },
  { ranks: [2, 2], weights: [1, -0.5], options: { how: "linear" } },
  { ranks: [2, 3], weights: [0.7, -0.3], options: { how: "cat" } },
  { ranks: [2, 3], weights: [0.7, 0.3], options: { how: "svd", rank: 3 } },
  { ranks: [2, 3, 1], weights: [1, 1, 1], options: { how: "svd" } },
  { ranks: [2, 2, 2], weights: [1, 0.8, 0.6], options: { how: "ties", density: 0.5 } },
  { ranks: [2, 2, 2], weights: [1, 0.8, 0.6], options: { how: "ties", density: 0.4, majority: "frequency" } },
  { ranks: [2, 3], weights: [1, 0.5], options: { how: "ties_svd", density: 0.5, rank: 4 } },
  { ranks: [2, 2], weights: [1, 0.5], options: { how: "dare_linear", density: 0.6, seed: 3 } },
  { ranks: [2, 3], weights: [1, 0.5], options: { how: "dare_linear_svd", density: 0.6, seed: 4, rank: 3 } },
  { ranks: [2, 2], weights: [1, 0.5], options: { how: "dare_ties", density: 0.7, seed: 5 } },
  { ranks: [3, 2], weights: [1, 0.5], options: { how: "dare_ties_svd", density: 0.7, seed: 6, rank: 5 } },
  { ranks: [2, 2], weights: [1, 0.5], options: { how: "magnitude_prune", density: 0.5 } },
  { ranks: [2, 3], weights: [1, 0.5], options: { how: "magnitude_prune_svd", density: 0.5, rank: 3 } },
];

const PEFT = `
import sys, json, torch
import peft.utils.merge_utils as merging
from transformers import AutoModelForSequenceClassification
from peft import PeftModel
def answer(request):
    masks = iter(request["masks"])
    torch.bernoulli = lambda like: torch.tensor(next(masks), dtype=like.dtype).reshape(like.shape)
    model = AutoModelForSequenceClassification.from_pretrained(request["base"], dtype=torch.float32)
    names = [str(place) for place in range(len(request["adapters"]))]
    model = PeftModel.from_pretrained(model, request["adapters"][0], adapter_name="0")
    for name in names[1:]:
        model.load_adapter(request["adapters"][int(name)], adapter_name=name)
    options = {name: value for name, value in request["options"].items() if value is not None}
    model.add_weighted_adapter(names, request["weights"], "sum", **options)
    return {name.removeprefix("base_model.model."): layer.get_delta_weight("sum").flatten().tolist() for name, layer in model.named_modules() if hasattr(layer, "get_delta_weight")}
print(json.dumps([answer(request) for request in json.load(sys.stdin)]))
`;

let base: Base;
const adapters = new Map<string, Adapter>();
const key = (place: number, rank: number): string => `${place} ${rank}`;

beforeAll(async () => {
  base = await tinyBase();
  for (const place of [0, 1, 2])
    for (const rank of [1, 2, 3])
      adapters.set(
        key(place, rank),
        await openAdapter(await randomAdapter(base, { method: { name: "lora", rank, alpha: 3 }, seed: 10 * place + rank, size: 0.3 })),
      );
});
afterAll(() => Promise.all([...adapters.values()].map((adapter) => adapter.close())));

const sourcesOf = ({ ranks }: (typeof CASES)[number]): Adapter[] => ranks.map((rank, place) => adapters.get(key(place, rank)) as Adapter);

/** B·A of each target, by module. */
async function deltas(bytes: Uint8Array): Promise<ReadonlyMap<string, Float32Array>> {
  const { manifest, values } = await openAdapter(bytes);
  const found = manifest.targets.map(async (target) => {
    const parts = await Promise.all(targetTensors("lora", target).map(async (one) => [one.part, await values(one.key)] as const));
    return [target.module, METHODS.lora.delta?.(target, Object.fromEntries(parts)) ?? new Float32Array()] as const;
  });
  return new Map(await Promise.all(found));
}

/** What PEFT reads of an adapter without its head: it combines none. */
async function bareFolder(adapter: Adapter): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "graft-combine-"));
  const { manifest } = adapter;
  const keys = manifest.targets.flatMap((target) => targetTensors("lora", target).map((one) => one.key));
  const tensors = await Promise.all(keys.map(async (one) => [one, await adapter.tensor(one)] as const));
  await writeFile(join(folder, "adapter_model.safetensors"), encodeSafetensors(new Map(tensors), new Map([["format", "pt"]])));
  await writeFile(join(folder, "adapter_config.json"), JSON.stringify({ ...peftConfig(manifest), modules_to_save: null, task_type: null }));
  return folder;
}

/** The masks in the order in which PEFT draws them. */
function masksOf({ ranks, options: { how, density = 1, seed = 0 } }: (typeof CASES)[number], sources: readonly Adapter[]): number[][] {
  if (!how.includes("dare")) return [];
  return (sources[0]?.manifest.targets ?? []).flatMap(({ module, in: columns, out }) =>
    (how.endsWith("_svd") ? [""] : ["a ", "b "]).flatMap((part) =>
      ranks.map((rank, place) => {
        const count = part === "" ? columns * out : rank * (part === "a " ? columns : out);
        return [...keptAtRandom(count, { density, seed, name: `${place} ${part}${module}` })];
      }),
    ),
  );
}

describe.skipIf(referee === undefined)("PEFT's add_weighted_adapter gives the same", () => {
  let answers: Readonly<Record<string, number[]>>[];
  beforeAll(async () => {
    const requests = CASES.map(async (one) => {
      const { how, rank, density, majority } = one.options;
      const sources = sourcesOf(one);
      return {
        base: dirname(base.files[0] ?? ""),
        adapters: await Promise.all(sources.map(bareFolder)),
        weights: one.weights,
        options: { combination_type: how, svd_rank: rank, density, majority_sign_method: majority },
        masks: masksOf(one, sources),
      };
    });
    const answer = runReferee(PEFT, JSON.stringify(await Promise.all(requests)));
    answers = JSON.parse(answer.toString().trim().split("\n").at(-1) ?? "") as typeof answers;
  });

  test.each(CASES.map((one, index) => [`${one.options.how} of ranks ${one.ranks.join(", ")}`, index] as const))("%s", async (_, index) => {
    const one = CASES[index] as (typeof CASES)[number];
    const inputs = sourcesOf(one).map((adapter, place) => ({ adapter, weight: one.weights[place] ?? 0 }));
    const { bytes } = await combine(inputs, { ...one.options, head: 0, writer: WRITER });
    const own = await deltas(bytes);
    expect([...own.keys()].toSorted()).toEqual(Object.keys(answers[index] ?? {}).toSorted());
    for (const [module, delta] of own) {
      const theirs = answers[index]?.[module] ?? [];
      expect(Math.max(...theirs.map((value, at) => Math.abs(value - (delta[at] ?? Infinity))))).toBeLessThan(1e-4);
    }
  });
});

test("what comes out is an adapter like any other, which names its parents and loads", async () => {
  const [one, two] = [adapters.get(key(0, 2)) as Adapter, adapters.get(key(1, 2)) as Adapter];
  const made = await combine(
    [
      { adapter: one, weight: 0.5 },
      { adapter: two, weight: 0.25 },
    ],
    { how: "dare_linear", density: 0.5, seed: 7, head: 1, writer: WRITER },
  );
  const { manifest } = await openAdapter(made.bytes);
  expect(manifest.combination).toEqual({
    method: "dare_linear",
    density: 0.5,
    seed: 7,
    parents: [
      { digest: one.digest, weight: 0.5 },
      { digest: two.digest, weight: 0.25 },
    ],
  });
  await using model = await load(base, { adapters: [made.bytes], threads: 1 });
  expect((await model.run([{ ids: [1, 2, 3] }]))[0]?.label).toBeDefined();
});

test.each<readonly [string, () => Promise<readonly Uint8Array[]>, CombineOptions, RegExp]>([
  [
    "heads that differ",
    async () => [await randomAdapter(base, { seed: 1 }), await randomAdapter(base, { seed: 2 })],
    { how: "linear" },
    /heads differ/,
  ],
  [
    "ranks that differ",
    async () => [await randomAdapter(base, { seed: 1 }), await randomAdapter(base, { seed: 2, method: { name: "lora", rank: 3 } })],
    { how: "ties", head: 0 },
    /ranks are 2 and 3.*adds up/,
  ],
  ["another method", async () => [await randomAdapter(base, { method: { name: "ia3" } })], { how: "linear" }, /trained by "ia3"/],
  [
    "another base",
    async () => [await randomAdapter(base), await randomAdapter(await tinyBase({ seed: 9 }))],
    { how: "linear" },
    /another base/,
  ],
  ["a density of none", async () => [await randomAdapter(base)], { how: "ties", density: 0 }, /density is 0/],
  [
    "more rank than there is",
    async () => Promise.all([1, 2, 3, 4, 5].map((seed) => randomAdapter(base, { seed }))),
    { how: "cat", head: 0 },
    /rank .* is 10/,
  ],
])("%s is refused", async (_, make, options, message) => {
  const inputs = (await make()).map((adapter) => ({ adapter, weight: 1 }));
  await expect(combine(inputs, { ...options, writer: WRITER })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringMatching(message),
  });
});
