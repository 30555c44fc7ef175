import type { Manifest } from "./manifest.ts";

/** PEFT's names of tasks; a task that is not here gets none, which PEFT reads too. */
const TASK_TYPES: Readonly<Record<string, string>> = {
  "text-classification": "SEQ_CLS",
  "token-classification": "TOKEN_CLS",
  "question-answering": "QUESTION_ANS",
  "causal-language-modelling": "CAUSAL_LM",
  "feature-extraction": "FEATURE_EXTRACTION",
};

/** What PEFT reads from `adapter_config.json` beside `adapter_model.safetensors`. */
export interface PeftConfig {
  readonly peft_type: "LORA";
  readonly task_type: string | null;
  readonly base_model_name_or_path: string;
  readonly revision: string | null;
  readonly inference_mode: true;
  readonly r: number;
  readonly lora_alpha: number;
  readonly lora_dropout: 0;
  readonly use_rslora: boolean;
  readonly fan_in_fan_out: boolean;
  readonly bias: "none";
  readonly target_modules: readonly string[];
  readonly modules_to_save: readonly string[] | null;
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

/** The configuration with which PEFT gives the same scale for every target; undefined for an adapter without targets, which PEFT's LoRA cannot say. */
export function peftConfig(manifest: Manifest): PeftConfig | undefined {
  const { tensors, task, base } = manifest;
  const targets = manifest.targets.map(({ module, rank = 0, alpha = 0, scale = 0 }): LowRank => ({ module, rank, alpha, scale }));
  const [first] = targets;
  if (first === undefined) return undefined;
  // PEFT divides by r, or by its root for all targets at once.
  const useRoot =
    targets.every(({ alpha, rank, scale }) => alpha / Math.sqrt(rank) === scale) &&
    targets.some(({ alpha, rank, scale }) => alpha / rank !== scale);
  const alphaOf = (target: LowRank): number =>
    useRoot || target.alpha / target.rank === target.scale ? target.alpha : target.scale * target.rank;
  const [rank, alpha] = [first.rank, alphaOf(first)];
  const saved = [...new Set(tensors.map(({ module }) => module))];
  return {
    peft_type: "LORA",
    task_type: TASK_TYPES[task.type] ?? null,
    base_model_name_or_path: base.name,
    revision: base.revision ?? null,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    use_rslora: useRoot,
    // True for GPT-2's Conv1D only, whose weights PEFT finds by class anyway.
    fan_in_fan_out: base.family === "gpt2",
    bias: "none",
    target_modules: targets.map(({ module }) => module),
    modules_to_save: saved.length === 0 ? null : saved,
    rank_pattern: Object.fromEntries(targets.filter((target) => target.rank !== rank).map((target) => [pattern(target), target.rank])),
    alpha_pattern: Object.fromEntries(
      targets.filter((target) => alphaOf(target) !== alpha).map((target) => [pattern(target), alphaOf(target)]),
    ),
  };
}

/** PEFT reads keys of patterns as regular expressions. */
function pattern({ module }: LowRank): string {
  return module.replaceAll(".", String.raw`\.`);
}
