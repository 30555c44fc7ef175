import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Base } from "@graft/architectures";
import type { Tokenizer } from "@graft/runtime";

/** Tokens that end a text: what generation_config.json says beside the tokenizer or the weights, else config.json, and the tokenizer's own. */
export async function endIds(base: Base, tokenizer: Tokenizer): Promise<readonly number[]> {
  const folders = [...new Set([base.tokenizerFile, ...base.files].flatMap((path) => (path === undefined ? [] : [dirname(path)])))];
  const told = await Promise.all(folders.map((folder) => readEnd(join(folder, "generation_config.json"))));
  const ends = told.find((ids) => ids.length > 0) ?? numbers(base.config?.["eos_token_id"]);
  const { eos } = tokenizer.special;
  return [...new Set([...ends, ...(eos === undefined ? [] : [eos])])];
}

async function readEnd(path: string): Promise<readonly number[]> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  try {
    return numbers((JSON.parse(text) as Record<string, unknown> | null)?.["eos_token_id"]);
  } catch {
    return [];
  }
}

function numbers(value: unknown): number[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is number => typeof one === "number");
}
