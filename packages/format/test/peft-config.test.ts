import { peftConfig, type Manifest } from "@graft/format";
import { expect, test } from "vitest";
import { buildManifest } from "./adapter-builder.ts";

const [target] = buildManifest().targets as [Manifest["targets"][number]];

/** What PEFT multiplies with, by its own formulas. */
function peftScale(config: NonNullable<ReturnType<typeof peftConfig>>, module: string): number {
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
  expect(manifest.targets.map(({ module }) => config && peftScale(config, module))).toEqual(targets.map(({ scale }) => scale));
});

test("an adapter without targets has no form in PEFT's LoRA", () => {
  expect(peftConfig(buildManifest({ targets: [] }))).toBeUndefined();
});
