import { GraftError } from "@graft/error";
import { encodeSafetensors, type Tensor } from "@graft/safetensors";
import type { Manifest } from "../manifest.ts";
import type { Adapter } from "../open-adapter.ts";
import { type PeftConfig, peftConfig } from "./peft-config.ts";

/** The two files of a PEFT folder. */
export interface ExportedPeft {
  /** `adapter_config.json`. */
  readonly config: PeftConfig;
  /** `adapter_model.safetensors`. */
  readonly weights: Uint8Array;
}

/** Why PEFT cannot hold what a method trains. */
const METHODS: Readonly<Record<string, string>> = {
  full: "PEFT holds differences, and this is a whole model: merge it",
  "last-layers": "PEFT has no method that trains whole layers: merge it",
  bitfit: "PEFT has no method that trains biases alone: merge it",
  head: "PEFT has no method that trains a head alone",
  "prefix-embedding": "PEFT's prompts stand before the text alone, at other positions",
  "prefix-layer": "PEFT's prefixes are keys and values, not activations",
  bottleneck: "PEFT has no bottleneck layers",
};

/** Tables of embeddings, which language heads may share. */
const TABLES = /(?:^|\.)(?:wte|embed_tokens|word_embeddings|embeddings)$/;

/** Writes an adapter as PEFT does. CONVERT_UNSUPPORTED says what PEFT has no form for. */
export async function exportPeft(adapter: Pick<Adapter, "manifest" | "header" | "tensor">): Promise<ExportedPeft> {
  const config = checkedPeftConfig(adapter.manifest);
  const tensors = new Map<string, Tensor>();
  for (const key of adapter.header.tensors.keys()) tensors.set(key, await adapter.tensor(key));
  // The keys are PEFT's own, so the file stays an adapter of Graft's.
  return { config, weights: encodeSafetensors(tensors, adapter.header.metadata) };
}

/** The configuration with which PEFT reads an adapter's own file. CONVERT_UNSUPPORTED. */
export function checkedPeftConfig(manifest: Manifest): PeftConfig {
  const { method, targets, tensors, task } = manifest;
  const config = peftConfig(manifest);
  if (config === undefined || Object.hasOwn(METHODS, method.name))
    throw unsupported(method.name, METHODS[method.name] ?? "PEFT has no such method");
  const added = tensors.find(({ role }) => role === "added");
  if (added !== undefined) throw unsupported(method.name, `PEFT has no form for "${added.key}", which stands beside the base`);
  if (task.head?.pooling === "mean" && task.type === "text-classification")
    throw unsupported(method.name, "its head takes the mean over all tokens, and the class of transformers does not");
  const adapted = new Set(targets.map(({ module }) => module));
  const both = tensors.find(({ role, module, key }) => role === "replacement" && adapted.has(module) && !key.endsWith(".bias"));
  if (both !== undefined) throw unsupported(method.name, `"${both.module}" is replaced and adapted at once`);
  const table = tensors.find(({ role, module, key }) => role === "replacement" && key.endsWith(".weight") && TABLES.test(module));
  if (table !== undefined && task.type === "causal-language-modelling")
    throw unsupported(method.name, `it replaces "${table.module}", and PEFT would leave a language head that shares it as it is`);
  if (config.peft_type === "IA3" && tensors.some(({ role }) => role === "replacement"))
    throw unsupported(method.name, "PEFT's (IA)³ trains no biases beside its vectors");
  return config;
}

/** Methods that no merge can take into the base. */
const STAND_BESIDE: ReadonlySet<string> = new Set(["prefix-embedding", "prefix-layer", "bottleneck"]);

function unsupported(method: string, why: string): GraftError {
  return new GraftError("CONVERT_UNSUPPORTED", `Cannot export the adapter of method "${method}" to PEFT: ${why}`, {
    ...(STAND_BESIDE.has(method) ? {} : { hint: "Merge it into the base, and share the merged model" }),
    detail: { method },
  });
}
