import { GraftError } from "@graft/error";
import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { PEFT_FIELDS } from "./peft-fields.ts";

const Words = z.array(z.string().max(LIMITS.moduleLength)).max(LIMITS.targets);
/** A list of names, or a regular expression. */
const Selection = z.union([z.string().max(LIMITS.patternLength), Words]).nullish();
const Pattern = z.record(z.string().max(LIMITS.patternLength), z.number().positive()).nullish();
const Rank = z.int().min(1).max(LIMITS.dimension);
const Index = z.int().min(0).max(LIMITS.dimension);

const COMMON = {
  task_type: z.string().max(64).nullish(),
  base_model_name_or_path: z.string().max(4096).nullish(),
  revision: z.string().max(4096).nullish(),
  peft_version: z.string().max(200).nullish(),
  target_modules: Selection,
  exclude_modules: Selection,
  modules_to_save: Words.nullish(),
};

/** LoRA and what it became, as PEFT writes it; absent fields have PEFT's defaults. */
const LoraFile = z.object({
  ...COMMON,
  peft_type: z.literal("LORA"),
  r: Rank.default(8),
  lora_alpha: z.number().default(8),
  use_rslora: z.boolean().default(false),
  use_dora: z.boolean().default(false),
  rank_pattern: Pattern,
  alpha_pattern: Pattern,
  bias: z.enum(["none", "all", "lora_only"]).default("none"),
  lora_bias: z.boolean().default(false),
  init_lora_weights: z.union([z.boolean(), z.string().max(64)]).nullish(),
  target_parameters: Words.nullish(),
  layers_to_transform: z.union([Index, z.array(Index).max(LIMITS.targets)]).nullish(),
  layers_pattern: Selection,
  trainable_token_indices: z.union([z.array(Index), z.record(z.string(), z.array(Index))]).nullish(),
});

/** (IA)³ as PEFT writes it. */
const Ia3File = z.object({ ...COMMON, peft_type: z.literal("IA3"), feedforward_modules: Selection });

/** What Graft reads of an `adapter_config.json`. */
export const PeftConfigFile = z.discriminatedUnion("peft_type", [LoraFile, Ia3File]);
/** What Graft reads of an `adapter_config.json`. */
export type PeftConfigFile = z.infer<typeof PeftConfigFile>;

/**
 * Reads the text of an `adapter_config.json`. CONVERT_UNSUPPORTED names a field that changes the computation in a way Graft does not
 * have, one that it does not know and that is not off, or another method; CONVERT_INVALID what is malformed.
 */
export function readPeftConfig(text: string): PeftConfigFile {
  const value = parseObject(text);
  const type = value["peft_type"];
  const fields = typeof type === "string" && Object.hasOwn(PEFT_FIELDS, type) ? PEFT_FIELDS[type] : undefined;
  if (fields === undefined) {
    if (type === undefined) throw invalid("it has no peft_type", "Check that this is the adapter_config.json of a PEFT adapter");
    throw unsupported(`its peft_type is ${show(type)}, want one of ${Object.keys(PEFT_FIELDS).join(", ")}`, "peft_type");
  }
  for (const [name, given] of Object.entries(value)) {
    if (isOff(given)) continue;
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (rule === "refused") throw unsupported(`it sets "${name}" to ${show(given)}, which changes what the adapter computes`, name);
    if (rule === undefined) throw unsupported(`it sets "${name}" to ${show(given)}, and Graft does not know that field`, name);
  }
  const result = PeftConfigFile.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(
    `${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "is malformed"}`,
    "Check that it was written by PEFT and not cut off",
  );
}

/** Name of the method, by which targets are laid out. */
export function methodName(config: PeftConfigFile): "lora" | "dora" | "ia3" {
  return config.peft_type === "IA3" ? "ia3" : config.use_dora ? "dora" : "lora";
}

function parseObject(text: string): Record<string, unknown> {
  if (text.length > LIMITS.manifestBytes)
    throw new GraftError(
      "LIMIT_EXCEEDED",
      `Cannot import adapter_config.json: it has ${text.length} characters, want at most ${LIMITS.manifestBytes}`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GraftError("CONVERT_INVALID", "Cannot import adapter_config.json: it is no JSON", {
      cause,
      hint: "Download it again: it is damaged or was cut off",
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid("it is no JSON object", "Check that this is the adapter_config.json of a PEFT adapter");
}

/** What PEFT writes for a switch that is not used. */
function isOff(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function invalid(why: string, hint: string): GraftError {
  return new GraftError("CONVERT_INVALID", `Cannot import adapter_config.json: ${why}`, { hint });
}

function unsupported(why: string, field: string): GraftError {
  return new GraftError("CONVERT_UNSUPPORTED", `Cannot import adapter_config.json: ${why}`, {
    hint: "Merge the adapter with PEFT and take the merged model as a base of its own",
    detail: { field },
  });
}
