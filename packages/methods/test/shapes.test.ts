import { describe, expect, test } from "vitest";
import { type BaseShapes, estimateMemory, KNOWN_SIZES, type Method, type MethodOptions, METHODS, transformerShapes } from "@graft/methods";

/** One count that the LoRA paper prints (arXiv 2106.09685, tables 2 to 4 and 15), in millions. */
interface Row {
  readonly model: keyof typeof KNOWN_SIZES;
  readonly what: string;
  readonly options: MethodOptions;
  readonly exact: number;
  readonly paper: string;
  /** Why the paper's number is another one. */
  readonly reason?: string;
}

const ATTENTION_ALL = ["query", "key", "value", "attention.output.dense"];
const lora = (rank: number, targets?: readonly string[]): MethodOptions => ({
  name: "lora",
  rank,
  ...(targets === undefined ? {} : { targets }),
});
const houlsby = (size: number): MethodOptions => ({ name: "bottleneck", variant: "H", size });
const lin = (size: number): MethodOptions => ({ name: "bottleneck", variant: "L", size });
const pfeiffer = (size: number): MethodOptions => ({ name: "bottleneck", variant: "P", size });
const layered = (prefix: number, infix: number): MethodOptions => ({ name: "prefix-layer", prefix, infix });

const ABOVE = "all of the paper's five PreLayer rows lie 0.8 to 8 % above its own formula L·d·(lp + li)";
const SIX = "the paper prints 6 % less than its own formula gives; it took the row from earlier work";
const NOMINAL = "0.1 % of the model in name; the checkpoint of 1.5 MB has the exact count";

const ROWS: readonly Row[] = [
  { model: "roberta-base", what: "LoRA r 8", options: lora(8), exact: 294_912, paper: "0.3" },
  {
    model: "roberta-base",
    what: "LoRA r 8, the repository's 0.8M",
    options: lora(8),
    exact: 294_912,
    paper: "0.8",
    reason: "the file has the classifier too: 887,811 with its 592,899",
  },
  { model: "roberta-base", what: "BitFit", options: { name: "bitfit" }, exact: 102_144, paper: "0.1" },
  { model: "roberta-large", what: "LoRA r 8", options: lora(8), exact: 786_432, paper: "0.8" },
  { model: "roberta-large", what: "Adapter^H r 64", options: houlsby(64), exact: 6_343_680, paper: "6.0", reason: SIX },
  { model: "roberta-large", what: "Adapter^H r 8", options: houlsby(8), exact: 835_968, paper: "0.8" },
  { model: "roberta-large", what: "Adapter^P r 64", options: pfeiffer(64), exact: 3_171_840, paper: "3.0", reason: SIX },
  { model: "roberta-large", what: "Adapter^P r 16", options: pfeiffer(16), exact: 811_392, paper: "0.8" },
  {
    model: "deberta-v2-xxlarge",
    what: "LoRA r 8",
    options: lora(8),
    exact: 2_359_296,
    paper: "4.7",
    reason: "table 10 says r = 8, the repository's script r = 16, which is what was run",
  },
  { model: "deberta-v2-xxlarge", what: "LoRA r 16", options: lora(16), exact: 4_718_592, paper: "4.7" },
  { model: "gpt2-medium", what: "LoRA r 4", options: lora(4), exact: 393_216, paper: "0.35", reason: NOMINAL },
  { model: "gpt2-medium", what: "Adapter^L r 6", options: lin(6), exact: 368_784, paper: "0.37" },
  { model: "gpt2-medium", what: "Adapter^L r 224", options: lin(224), exact: 11_089_152, paper: "11.09" },
  { model: "gpt2-medium", what: "Adapter^H r 112", options: houlsby(112), exact: 11_064_576, paper: "11.09" },
  { model: "gpt2-medium", what: "FT-Top2", options: { name: "last-layers", layers: 2 }, exact: 25_192_448, paper: "25.19" },
  { model: "gpt2-medium", what: "full fine-tuning", options: { name: "full" }, exact: 354_823_168, paper: "354.92" },
  {
    model: "gpt2-large",
    what: "LoRA r 4",
    options: lora(4),
    exact: 737_280,
    paper: "0.77",
    reason: "0.1 % of the model in name; neither the formula nor the checkpoint's size has it",
  },
  { model: "gpt2-large", what: "Adapter^L r 8", options: lin(8), exact: 875_808, paper: "0.88" },
  { model: "gpt2-large", what: "Adapter^L r 248", options: lin(248), exact: 23_002_848, paper: "23.00" },
  { model: "gpt2-large", what: "full fine-tuning", options: { name: "full" }, exact: 774_030_080, paper: "774.03" },
  { model: "gpt3-175b", what: "LoRA r 1", options: lora(1), exact: 4_718_592, paper: "4.7" },
  { model: "gpt3-175b", what: "LoRA r 4", options: lora(4), exact: 18_874_368, paper: "18.8" },
  { model: "gpt3-175b", what: "LoRA r 8", options: lora(8), exact: 37_748_736, paper: "37.7" },
  { model: "gpt3-175b", what: "LoRA r 64", options: lora(64), exact: 301_989_888, paper: "301.9" },
  { model: "gpt3-175b", what: "LoRA r 64, all four", options: lora(64, ATTENTION_ALL), exact: 603_979_776, paper: "603.8" },
  { model: "gpt3-175b", what: "LoRA r 2, all four", options: lora(2, ATTENTION_ALL), exact: 18_874_368, paper: "18.8" },
  { model: "gpt3-175b", what: "Adapter^H r 1", options: houlsby(1), exact: 7_078_080, paper: "7.1" },
  { model: "gpt3-175b", what: "Adapter^H r 4", options: houlsby(4), exact: 21_234_432, paper: "21.2" },
  { model: "gpt3-175b", what: "Adapter^H r 8", options: houlsby(8), exact: 40_109_568, paper: "40.1" },
  { model: "gpt3-175b", what: "Adapter^H r 16", options: houlsby(16), exact: 77_859_840, paper: "77.9" },
  { model: "gpt3-175b", what: "Adapter^H r 64", options: houlsby(64), exact: 304_361_472, paper: "304.4" },
  {
    model: "gpt3-175b",
    what: "PreEmbed 256 + 8",
    options: { name: "prefix-embedding", prefix: 256, infix: 8 },
    exact: 3_244_032,
    paper: "3.2",
  },
  { model: "gpt3-175b", what: "PreLayer 2 + 2", options: layered(2, 2), exact: 4_718_592, paper: "5.1", reason: ABOVE },
  { model: "gpt3-175b", what: "PreLayer 8 + 0", options: layered(8, 0), exact: 9_437_184, paper: "10.1", reason: ABOVE },
  { model: "gpt3-175b", what: "PreLayer 8 + 8", options: layered(8, 8), exact: 18_874_368, paper: "20.2", reason: ABOVE },
  { model: "gpt3-175b", what: "PreLayer 32 + 4", options: layered(32, 4), exact: 42_467_328, paper: "44.1", reason: ABOVE },
  { model: "gpt3-175b", what: "PreLayer 64 + 0", options: layered(64, 0), exact: 75_497_472, paper: "76.1", reason: ABOVE },
  {
    model: "gpt3-175b",
    what: "BitFit",
    options: { name: "bitfit" },
    exact: 12_988_416,
    paper: "14.2",
    reason: "the paper's is 12·L·d, one vector a block more than the biases of the usual layout, which nobody has explained",
  },
];

const shapesOf = (model: Row["model"]): BaseShapes => transformerShapes(KNOWN_SIZES[model] as (typeof KNOWN_SIZES)[string]);

describe("every count that the paper prints", () => {
  test.each(ROWS)("$model $what: $paper million", ({ model, options, exact, paper, reason }) => {
    expect((METHODS[options.name] as Method).count(shapesOf(model), options)).toBe(exact);
    const printed = Number(paper) * 1e6;
    const digits = paper.split(".")[1]?.length ?? 0;
    // Rounded as it is printed, or cut off there.
    const agrees = Math.abs(exact - printed) <= Math.max(0.5 * 10 ** (6 - digits), 0.005 * printed);
    expect(agrees).toBe(reason === undefined);
  });
});

test("a known model has as many parameters as it is known for", () => {
  const count = (model: string): number => (METHODS.full as Method).count(shapesOf(model), { name: "full" });
  expect(count("gpt2")).toBe(124_439_808);
  expect(count("gpt2-xl")).toBe(1_557_611_200);
  // Without the pooler, 590,592 numbers.
  expect(count("bert-base")).toBe(109_482_240 - 590_592);
  expect(count("gpt3-175b") / 1e9).toBeCloseTo(174.6, 1);
});

test("an estimate grows with rows, length and what is trained, and no backward pass needs little", () => {
  const shapes = shapesOf("bert-base");
  const size = { trained: 300_000, throughBase: true, rows: 16, length: 128, heads: 12 };
  const { total } = estimateMemory(shapes, size);
  expect(estimateMemory(shapes, { ...size, rows: 32 }).activations).toBe(2 * estimateMemory(shapes, size).activations);
  expect(estimateMemory(shapes, { ...size, length: 256 }).activations).toBeGreaterThan(2 * estimateMemory(shapes, size).activations);
  expect(estimateMemory(shapes, { ...size, trained: 110_000_000 }).total).toBeGreaterThan(total + 3 * 4 * 110_000_000);
  expect(estimateMemory(shapes, { ...size, throughBase: false }).activations).toBeLessThan(0.1 * estimateMemory(shapes, size).activations);
});
