import type { Manifest } from "../manifest.ts";
import { peftTask } from "./peft-tasks.ts";

/** Modules that PEFT saves whole for every classifier, such as RoBERTa's `classifier` of `dense` and `out_proj`: it finds no part of one. */
const WHOLE_HEAD = /^(classifier|score)\..*$/;

/** What PEFT reads from `adapter_config.json` whatever the method is. */
interface PeftCommon {
  readonly task_type: string | null;
  readonly base_model_name_or_path: string;
  readonly revision: string | null;
  readonly inference_mode: true;
  readonly fan_in_fan_out: boolean;
  readonly target_modules: readonly string[];
  readonly modules_to_save: readonly string[] | null;
}

/** `adapter_config.json` of LoRA and DoRA. */
export interface PeftLoraConfig extends PeftCommon {
  readonly peft_type: "LORA";
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: 0;
  readonly use_rslora: boolean;
  readonly use_dora: boolean;
  readonly bias: "none" | "all" | "lora_only";
  readonly rank_pattern: Readonly<Record<string, number>>;
  readonly alpha_pattern: Readonly<Record<string, number>>;
}

/** `adapter_config.json` of (IA)³. */
export interface PeftIa3Config extends PeftCommon {
  readonly peft_type: "IA3";
  readonly feedforward_modules: readonly string[];
}

/** What PEFT reads from `adapter_config.json` beside `adapter_model.safetensors`. */
export type PeftConfig = PeftLoraConfig | PeftIa3Config;

/** The configuration with which PEFT gives the same scale for every target; undefined for an adapter without targets, which PEFT has no form for. */
export function peftConfig(manifest: Manifest): PeftConfig | undefined {
  const { targets, tensors, task, base, method } = manifest;
  if (targets.length === 0) return undefined;
  const adapted = new Set(targets.map(({ module }) => module));
  const replaced = tensors.filter(({ role }) => role === "replacement");
  const whole = new Set(tensors.filter(({ key, role }) => role === "head" || key.endsWith(".weight")).map(({ module }) => module));
  const biases = replaced.filter(({ module }) => !whole.has(module));
  const saved = [...new Set([...whole].map((module) => module.replace(WHOLE_HEAD, "$1")))];
  const common: PeftCommon = {
    task_type: peftTask(task.type),
    base_model_name_or_path: base.name,
    revision: base.revision ?? null,
    inference_mode: true,
    // True for GPT-2's Conv1D only, whose weights PEFT finds by class anyway.
    fan_in_fan_out: base.family === "gpt2",
    target_modules: [...adapted],
    modules_to_save: saved.length === 0 ? null : saved,
  };
  if (method.name === "ia3")
    return { peft_type: "IA3", ...common, feedforward_modules: targets.filter(({ side }) => side === "input").map(({ module }) => module) };
  return {
    peft_type: "LORA",
    ...common,
    ...scales(targets),
    lora_dropout: 0,
    use_dora: method.name === "dora",
    bias: biases.length === 0 ? "none" : biases.every(({ module }) => adapted.has(module)) ? "lora_only" : "all",
  };
}

/** What decides a target's scale. */
interface LowRank {
  readonly module: string;
  readonly rank: number;
  readonly alpha: number;
  readonly scale: number;
}

function scales(all: Manifest["targets"]): Pick<PeftLoraConfig, "r" | "lora_alpha" | "use_rslora" | "rank_pattern" | "alpha_pattern"> {
  const targets = all.map(({ module, rank = 1, alpha = 1, scale = 1 }): LowRank => ({ module, rank, alpha, scale }));
  // PEFT divides by r, or by its root for all targets at once.
  const root =
    targets.every(({ alpha, rank, scale }) => alpha / Math.sqrt(rank) === scale) &&
    targets.some(({ alpha, rank, scale }) => alpha / rank !== scale);
  const alphaOf = ({ alpha, rank, scale }: LowRank): number => (root || alpha / rank === scale ? alpha : scale * rank);
  const [rank, alpha] = [mostFrequent(targets.map((target) => target.rank)), mostFrequent(targets.map(alphaOf))];
  const differing = (of: (target: LowRank) => number, usual: number): Record<string, number> =>
    Object.fromEntries(targets.filter((target) => of(target) !== usual).map((target) => [pattern(target), of(target)]));
  return {
    r: rank,
    lora_alpha: alpha,
    use_rslora: root,
    rank_pattern: differing((target) => target.rank, rank),
    alpha_pattern: differing(alphaOf, alpha),
  };
}

/** The first of the values that come most often: patterns then name as few targets as they can. */
function mostFrequent(values: readonly number[]): number {
  const counts = Map.groupBy(values, (value) => value);
  return [...counts].reduce((best, entry) => (entry[1].length > best[1].length ? entry : best))[0];
}

/** PEFT reads keys of patterns as regular expressions. */
function pattern({ module }: LowRank): string {
  return module.replaceAll(".", String.raw`\.`);
}
