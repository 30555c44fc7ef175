import type { Manifest } from "./manifest.ts";

/** PEFT's names of tasks; a task that is not here gets none, which PEFT reads too. */
const TASK_TYPES: Readonly<Record<string, string>> = {
  "text-classification": "SEQ_CLS",
  regression: "SEQ_CLS",
  "token-classification": "TOKEN_CLS",
  "sentence-embeddings": "FEATURE_EXTRACTION",
  "question-answering": "QUESTION_ANS",
  "causal-language-modelling": "CAUSAL_LM",
  "feature-extraction": "FEATURE_EXTRACTION",
};

/** Modules that PEFT saves whole for every classifier, such as RoBERTa's `classifier` of `dense` and `out_proj`: it finds no part of one. */
const WHOLE_HEAD = /^(classifier|score)\..*$/;

/** What PEFT reads from `adapter_config.json` beside `adapter_model.safetensors`. */
export type PeftConfig = PeftLoraConfig | PeftIa3Config;

/** What every configuration of PEFT says. */
interface PeftCommon {
  readonly task_type: string | null;
  readonly base_model_name_or_path: string;
  readonly revision: string | null;
  readonly inference_mode: true;
  readonly fan_in_fan_out: boolean;
  readonly target_modules: readonly string[];
  readonly modules_to_save: readonly string[] | null;
}

/** Configuration of an adapter by `ia3`. */
export interface PeftIa3Config extends PeftCommon {
  readonly peft_type: "IA3";
  readonly feedforward_modules: readonly string[];
}

/** Configuration of an adapter by `lora` or `dora`. */
export interface PeftLoraConfig extends PeftCommon {
  readonly peft_type: "LORA";
  readonly use_dora: boolean;
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: 0;
  readonly use_rslora: boolean;
  readonly bias: "none" | "lora_only" | "all";
  readonly rank_pattern: Readonly<Record<string, number>>;
  readonly alpha_pattern: Readonly<Record<string, number>>;
}

/** What decides a target's scale. */
interface LowRank {
  readonly module: string;
  readonly rank: number;
  readonly alpha: number;
  readonly scale: number;
}

/** The configuration with which PEFT does the same to every target; undefined for an adapter without targets, which PEFT cannot say. */
export function peftConfig(manifest: Manifest): PeftConfig | undefined {
  const { method, targets, tensors, task, base } = manifest;
  if (targets.length === 0) return undefined;
  const saved = [...new Set(tensors.filter(({ role }) => role === "head").map(({ module }) => module.replace(WHOLE_HEAD, "$1")))];
  const common: PeftCommon = {
    task_type: TASK_TYPES[task.type] ?? null,
    base_model_name_or_path: base.name,
    revision: base.revision ?? null,
    inference_mode: true,
    // True for GPT-2's Conv1D only, whose weights PEFT finds by class anyway.
    fan_in_fan_out: base.family === "gpt2",
    target_modules: targets.map(({ module }) => module),
    modules_to_save: saved.length === 0 ? null : saved,
  };
  if (method.name === "ia3") {
    const feedforward = targets.filter(({ side }) => side === "input").map(({ module }) => module);
    return { peft_type: "IA3", ...common, feedforward_modules: feedforward };
  }
  return { peft_type: "LORA", ...common, use_dora: method.name === "dora", bias: biasOf(tensors), ...scales(manifest) };
}

/** Ranks and alphas that give PEFT the manifest's scales. */
function scales(
  manifest: Manifest,
): Pick<PeftLoraConfig, "r" | "lora_alpha" | "lora_dropout" | "use_rslora" | "rank_pattern" | "alpha_pattern"> {
  const targets = manifest.targets.map(({ module, rank = 0, alpha = 0, scale = 0 }): LowRank => ({ module, rank, alpha, scale }));
  // PEFT divides by r, or by its root for all targets at once.
  const useRoot =
    targets.every(({ alpha, rank, scale }) => alpha / Math.sqrt(rank) === scale) &&
    targets.some(({ alpha, rank, scale }) => alpha / rank !== scale);
  const alphaOf = (target: LowRank): number =>
    useRoot || target.alpha / target.rank === target.scale ? target.alpha : target.scale * target.rank;
  const [first] = targets;
  const [rank, alpha] = first === undefined ? [0, 0] : [first.rank, alphaOf(first)];
  return {
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    use_rslora: useRoot,
    rank_pattern: Object.fromEntries(targets.filter((target) => target.rank !== rank).map((target) => [pattern(target), target.rank])),
    alpha_pattern: Object.fromEntries(
      targets.filter((target) => alphaOf(target) !== alpha).map((target) => [pattern(target), alphaOf(target)]),
    ),
  };
}

/** Which biases were trained, told by their keys: those of targets stand inside of PEFT's own layer. */
function biasOf(tensors: Manifest["tensors"]): PeftLoraConfig["bias"] {
  const biases = tensors.filter(({ key, role }) => role === "replacement" && key.endsWith(".bias"));
  if (biases.length === 0) return "none";
  return biases.every(({ key }) => key.endsWith(".base_layer.bias")) ? "lora_only" : "all";
}

/** PEFT reads keys of patterns as regular expressions. */
function pattern({ module }: LowRank): string {
  return module.replaceAll(".", String.raw`\.`);
}
