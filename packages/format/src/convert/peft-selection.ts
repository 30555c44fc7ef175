import { GraftError } from "@graft/error";
import { RE2JS } from "re2js";
import type { PeftConfigFile } from "./peft-config-file.ts";

/** Which modules PEFT adapts with a configuration. */
export interface PeftSelection {
  /** Whether a module is a target; undefined where only PEFT's own look at the model's classes can tell (`all-linear`, its defaults). */
  isTarget(module: string): boolean | undefined;
  /** Rank and alpha of a target. */
  rank(module: string): number;
  alpha(module: string): number;
  /** Whether a target's vector is multiplied with what goes into it, by (IA)³. */
  isFeedForward(module: string): boolean;
}

/** Reads a configuration's selection as PEFT 0.21 does (`check_target_module_exists`, `get_pattern_key`). CONVERT_UNSUPPORTED for expressions with look-around. */
export function peftSelection(config: PeftConfigFile): PeftSelection {
  const excluded = config.exclude_modules == null ? () => false : named(config.exclude_modules);
  const saved = (config.modules_to_save ?? []).map((name) => whole(`(?:^|.*\\.)${name}(?:$|\\..*)`));
  const parameters = config.peft_type === "LORA" ? (config.target_parameters ?? []) : [];
  const targets = config.target_modules ?? (parameters.length > 0 ? [] : undefined);
  const open = targets === undefined || (typeof targets === "string" && targets.toLowerCase() === "all-linear");
  const chosen = open ? () => undefined : named(targets ?? []);
  const layers = config.peft_type === "LORA" ? layerFilter(config) : () => true;
  const ranks = config.peft_type === "LORA" ? lookup(config.rank_pattern ?? {}, config.r) : () => 0;
  const alphas = config.peft_type === "LORA" ? lookup(config.alpha_pattern ?? {}, config.lora_alpha) : () => 0;
  const forward = config.peft_type === "IA3" && config.feedforward_modules != null ? named(config.feedforward_modules) : () => false;
  return {
    isTarget(module) {
      if (parameters.some((name) => name === `${module}.weight` || `${module}.weight`.endsWith(`.${name}`))) return true;
      if (excluded(module) || saved.some((test) => test(module))) return false;
      if (Array.isArray(targets) && targets.includes(module)) return true;
      const found = chosen(module);
      return found === true ? layers(module) : found;
    },
    rank: ranks,
    alpha: alphas,
    isFeedForward: forward,
  };
}

/** A list matches whole paths and their ends, a text is an expression for the whole path. */
function named(selection: string | readonly string[]): (module: string) => boolean {
  if (typeof selection === "string") return whole(selection);
  return (module) => selection.some((name) => module === name || module.endsWith(`.${name}`));
}

/** The first numbered part of the path is the layer, or the one after a name of `layers_pattern`. */
function layerFilter(config: Extract<PeftConfigFile, { peft_type: "LORA" }>): (module: string) => boolean {
  const { layers_to_transform: wanted, layers_pattern: given } = config;
  if (wanted == null || (Array.isArray(wanted) && wanted.length === 0)) return () => true;
  const patterns = typeof given === "string" && given !== "" ? [given] : Array.isArray(given) ? given : [];
  const expressions =
    patterns.length === 0
      ? [compile(String.raw`.*?\.[^.]*\.(\d+)\..*`)]
      : patterns.map((pattern) => compile(`(?:^|.*?\\.)${pattern}\\.(\\d+)\\..*`));
  const indexes = new Set(Array.isArray(wanted) ? wanted : [wanted]);
  return (module) => {
    for (const expression of expressions) {
      const match = expression.matcher(module);
      // The layer is the last group: a pattern may have some of its own.
      if (match.matches()) return indexes.has(Number(match.group(match.groupCount())));
    }
    return false;
  };
}

/** The value of the first key that matches the end of a path, at a dot. */
function lookup(patterns: Readonly<Record<string, number>>, fallback: number): (module: string) => number {
  const tests = Object.entries(patterns).map(([key, value]) => [whole(`(?:.*\\.)?(?:${key})`), value] as const);
  return (module) => tests.find(([test]) => test(module))?.[1] ?? fallback;
}

function whole(expression: string): (module: string) => boolean {
  const compiled = compile(expression);
  return (module) => compiled.matches(module);
}

/** Expressions come from strangers: they are matched in linear time, which look-around and back references do not have. */
function compile(expression: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (cause) {
    throw new GraftError(
      "CONVERT_UNSUPPORTED",
      `Cannot import adapter_config.json: Graft does not read the expression ${JSON.stringify(expression.slice(0, 100))}`,
      {
        cause,
        hint: "List the modules by name in adapter_config.json",
      },
    );
  }
}
