import { peftConfig, type Manifest, type PeftLoraConfig } from "@graft/format";
import { expect, test } from "vitest";
import { buildManifest } from "../adapter-builder.ts";

const [target] = buildManifest().targets as [Manifest["targets"][number]];

/** What PEFT multiplies with, by its own formulas. */
function peftScale(config: PeftLoraConfig, module: string): number {
  const find = (patterns: Readonly<Record<string, number>>): number | undefined =>
    Object.entries(patterns).find(([key]) => new RegExp(`^(.*\\.)?(${key})$`).test(module))?.[1];
  const rank = find(config.rank_pattern) ?? config.r;
  const alpha = find(config.alpha_pattern) ?? config.lora_alpha;
  return config.use_rslora ? alpha / Math.sqrt(rank) : alpha / rank;
}

test("one rank and alpha for all targets need no patterns", () => {
  expect(peftConfig(buildManifest())).toMatchObject({
    peft_type: "LORA",
    task_type: "SEQ_CLS",
    base_model_name_or_path: "tiny-english",
    r: 2,
    lora_alpha: 4,
    use_rslora: false,
    target_modules: [target.module],
    modules_to_save: ["classifier"],
    rank_pattern: {},
    alpha_pattern: {},
  });
});

test.each<[string, Pick<Manifest["targets"][number], "rank" | "alpha" | "scale">[]]>([
  [
    "ranks that differ",
    [
      { rank: 2, alpha: 4, scale: 2 },
      { rank: 4, alpha: 4, scale: 1 },
    ],
  ],
  [
    "scale by the root of the rank",
    [
      { rank: 4, alpha: 4, scale: 2 },
      { rank: 1, alpha: 3, scale: 3 },
    ],
  ],
  [
    "a scale that alpha does not explain",
    [
      { rank: 2, alpha: 4, scale: 0.375 },
      { rank: 4, alpha: 4, scale: -1.25 },
    ],
  ],
  [
    "both rules mixed",
    [
      { rank: 4, alpha: 4, scale: 2 },
      { rank: 4, alpha: 4, scale: 1 },
    ],
  ],
])("PEFT multiplies with the manifest's scale: %s", (_, targets) => {
  const manifest = buildManifest({
    targets: targets.map((changes, index) => ({ ...target, ...changes, module: `bert.layer.${index}.query` })),
  });
  const config = peftConfig(manifest);
  expect(manifest.targets.map(({ module }) => config?.peft_type === "LORA" && peftScale(config, module))).toEqual(
    targets.map(({ scale }) => scale),
  );
});

test("what was trained beside the pairs is said as PEFT says it", () => {
  const { module } = target;
  const bias = { key: `base_model.model.${module}.base_layer.bias`, shape: [4], role: "replacement" as const, module };
  const other = { ...bias, key: "base_model.model.bert.encoder.layer.0.output.dense.bias", module: "bert.encoder.layer.0.output.dense" };
  const { tensors } = buildManifest();
  expect(peftConfig(buildManifest({ tensors: [...tensors, bias] }))).toMatchObject({ bias: "lora_only", modules_to_save: ["classifier"] });
  expect(peftConfig(buildManifest({ tensors: [...tensors, bias, other] }))).toMatchObject({ bias: "all" });
  expect(peftConfig(buildManifest({ method: { name: "dora" } }))).toMatchObject({ peft_type: "LORA", use_dora: true });
  const { rank: _, alpha: __, scale: ___, ...bare } = target;
  expect(peftConfig(buildManifest({ method: { name: "ia3" }, targets: [{ ...bare, side: "input" }] }))).toMatchObject({
    peft_type: "IA3",
    target_modules: [module],
    feedforward_modules: [module],
  });
});

test("an adapter without targets has no form in PEFT's LoRA", () => {
  expect(peftConfig(buildManifest({ targets: [] }))).toBeUndefined();
});
