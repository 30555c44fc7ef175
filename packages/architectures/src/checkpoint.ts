import { GraftError } from "@graft/error";
import type { Parameter } from "./family.ts";
import type { StoredTensor } from "./stored-tensor.ts";

/** Names that TensorFlow-era checkpoints use for the parameters of a normalisation. */
const LEGACY: readonly [suffix: string, now: string][] = [
  ["LayerNorm.gamma", "LayerNorm.weight"],
  ["LayerNorm.beta", "LayerNorm.bias"],
];

/** At most so many names stand in one message. */
const NAMED = 5;

/**
 * Finds each parameter among the stored tensors, under its name in the base class of `transformers`: the prefix of a
 * task class ("bert.") is dropped, older names are understood. BASE_INVALID lists what is missing or has another shape.
 */
export function findParameters(stored: readonly StoredTensor[], parameters: readonly Parameter[]): Map<string, StoredTensor> {
  const anchor = parameters[0]?.name ?? "";
  const byName = new Map(stored.map((tensor) => [modern(tensor.name), tensor]));
  const prefix = findPrefix([...byName.keys()], anchor);
  const found = new Map<string, StoredTensor>();
  const missing: string[] = [];
  const misshapen: string[] = [];
  for (const { name, shape, optional, outside, formerly } of parameters) {
    const tensor = byName.get(outside === true ? name : prefix + name) ?? byName.get(prefix + (formerly ?? name));
    if (tensor === undefined) {
      if (!optional) missing.push(name);
    } else if (tensor.shape.join() === shape.join()) {
      found.set(name, tensor);
    } else if (!optional) {
      misshapen.push(`"${name}" is [${tensor.shape.join(", ")}], want [${shape.join(", ")}]`);
    }
  }
  if (missing.length > 0) {
    throw broken(`${missing.length} of ${parameters.length} tensors are missing: ${list(missing.map((name) => `"${name}"`))}`, { missing });
  }
  if (misshapen.length > 0)
    throw broken(`${misshapen.length} tensors do not have the shapes that config.json gives: ${list(misshapen)}`, { misshapen });
  return found;
}

function findPrefix(names: readonly string[], anchor: string): string {
  const prefixes = names.flatMap((name) =>
    name === anchor || name.endsWith(`.${anchor}`) ? [name.slice(0, name.length - anchor.length)] : [],
  );
  if (prefixes.length > 1)
    throw broken(`${prefixes.length} tensors are called "${anchor}", under ${list(prefixes.map((prefix) => `"${prefix}"`))}`, { prefixes });
  return prefixes[0] ?? "";
}

function modern(name: string): string {
  const row = LEGACY.find(([suffix]) => name.endsWith(suffix));
  return row === undefined ? name : name.slice(0, name.length - row[0].length) + row[1];
}

function list(texts: readonly string[]): string {
  return texts.slice(0, NAMED).join(", ") + (texts.length > NAMED ? ` and ${texts.length - NAMED} more` : "");
}

function broken(why: string, detail: Record<string, unknown>): GraftError {
  return new GraftError("BASE_INVALID", `Cannot build the checkpoint: ${why}`, {
    hint: "Check that model.safetensors belongs to config.json and was downloaded whole",
    detail,
  });
}
