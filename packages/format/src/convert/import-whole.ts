import { fromFloat32 } from "@graft/safetensors";
import { loraKeys, wholeKey } from "../keys.ts";
import type { ConvertBase, ConvertHead } from "./convert-base.ts";
import { invalid, mismatch, unsupported } from "./import-error.ts";
import type { ImportParts } from "./import-parts.ts";
import { methodName } from "./peft-config-file.ts";
import type { PeftFile, PeftTensor } from "./peft-file.ts";

/** Adds what is no pair: the head, tensors trained in place of the base's, biases, and rows of embeddings. */
export async function importWhole(
  { config, tensors }: PeftFile,
  base: ConvertBase,
  { parts, head }: { parts: ImportParts; head: ConvertHead | undefined },
): Promise<void> {
  const heads = new Map(head?.tensors.map((tensor) => [tensor.key, tensor]));
  for (const tensor of tensors) {
    if (tensor.part === "tokens") await importTokens(tensor, base, { config, parts });
    if (tensor.part !== "weight" && tensor.part !== "bias") continue;
    const key = wholeKey(tensor.module, tensor.part);
    const place = heads.get(key);
    // A target's own tensors stand inside of PEFT's layer.
    if (place === undefined) await importReplacement(tensor, base, { parts, key: tensor.inner ? tensor.key : key, head });
    else await importHead(tensor, { parts, key, shape: place.shape });
  }
  for (const { key, module, shape, start } of head?.tensors ?? []) {
    if (!parts.tensors.has(key)) {
      const values = await start?.();
      if (values === undefined)
        throw unsupported(`its head needs "${key}", which neither the adapter nor the base has: PEFT would start it at random`, {
          hint: "Pass the checkpoint folder as the base, or train again with the layer in modules_to_save",
        });
      parts.tensors.set(key, { dtype: "F32", shape, data: fromFloat32("F32", values) });
    }
    parts.whole.push({ key, shape: [...shape], role: "head", module });
  }
}

async function importHead(
  tensor: PeftTensor,
  { parts, key, shape }: { parts: ImportParts; key: string; shape: readonly number[] },
): Promise<void> {
  if (tensor.shape.join() !== shape.join())
    throw mismatch(`"${tensor.key}" is [${tensor.shape.join(", ")}], the head wants [${shape.join(", ")}]`);
  // `bias: "all"` stores what modules_to_save has stored already.
  if (!parts.tensors.has(key)) parts.tensors.set(key, await parts.stored(tensor));
}

async function importReplacement(
  tensor: PeftTensor,
  base: ConvertBase,
  { parts, key, head }: { parts: ImportParts; key: string; head: ConvertHead | undefined },
): Promise<void> {
  const { module, part, shape, inner } = tensor;
  if (part === "weight" && !inner && head === undefined && base.matrix(module)?.shared === true)
    throw unsupported(`it replaces "${module}.weight", which another layer shares that PEFT leaves as it is`);
  const own = await base.tensor(module, part as "weight" | "bias");
  if (own === undefined && head === undefined && module.split(".").includes("pooler")) {
    parts.notes.push(`Left out "${module}.${part}": nothing passes it on the way to the hidden states`);
    return;
  }
  if (own === undefined) throw mismatch(`the base has no "${module}.${part}", which the adapter replaces`, { module });
  if (own.shape.join() !== shape.join())
    throw mismatch(`"${tensor.key}" is [${shape.join(", ")}], the base's is [${own.shape.join(", ")}]`, { module });
  if (inner && part === "weight") {
    // Saved along with an embedding that is adapted, unchanged unless it was resized.
    const values = await parts.values(tensor);
    if (values.some((value, index) => value !== own.values[index]))
      throw mismatch(`"${tensor.key}" is a weight that the base does not have`, { module });
    return;
  }
  if (parts.tensors.has(key)) throw unsupported(`"${module}" has a trained bias and a lora_bias`);
  parts.tensors.set(key, await parts.stored(tensor));
  parts.whole.push({ key, shape: [...shape], role: "replacement", module });
}

/** Rows of a table that were trained alone: a difference of as many directions, each of which one id takes. */
async function importTokens(
  tensor: PeftTensor,
  base: ConvertBase,
  { config, parts }: { config: PeftFile["config"]; parts: ImportParts },
): Promise<void> {
  const { module, shape } = tensor;
  const matrix = base.matrix(module);
  const table = await base.tensor(module, "weight");
  if (matrix?.kind !== "embedding" || table === undefined) throw mismatch(`the base has no table of embeddings "${module}"`, { module });
  const indices = tokenIndices(config, module);
  const [rows = 0, width = 0] = table.shape;
  if (shape.join() !== `${indices.length},${width}`)
    throw invalid(`"${tensor.key}" is [${shape.join(", ")}], adapter_config.json lists ${indices.length} tokens`);
  const wrong = indices.find((index) => index >= rows);
  if (wrong !== undefined) throw mismatch(`it trains the token ${wrong}, the base has ${rows}`, { module });
  if (parts.targets.some((target) => target.module === module)) throw unsupported(`"${module}" has a pair and trained rows at once`);
  const trained = await parts.values(tensor);
  // Rows of a table that is the language head's too change in both, as a replacement does.
  if (matrix.shared || methodName(config) !== "lora" || indices.length > Math.min(rows, width)) {
    const values = table.values.slice();
    for (const [position, index] of indices.entries())
      values.set(trained.subarray(position * width, (position + 1) * width), index * width);
    const key = wholeKey(module, "weight");
    parts.tensors.set(key, { dtype: "F32", shape: table.shape, data: fromFloat32("F32", values) });
    parts.whole.push({ key, shape: [...table.shape], role: "replacement", module });
    return;
  }
  const rank = indices.length;
  const chosen = new Float32Array(rank * rows);
  const change = new Float32Array(width * rank);
  for (const [position, index] of indices.entries()) {
    chosen[position * rows + index] = 1;
    for (let column = 0; column < width; column++)
      change[column * rank + position] = (trained[position * width + column] as number) - (table.values[index * width + column] as number);
  }
  const keys = loraKeys(module, "embedding");
  parts.tensors.set(keys.a, { dtype: "F32", shape: [rank, rows], data: fromFloat32("F32", chosen) });
  parts.tensors.set(keys.b, { dtype: "F32", shape: [width, rank], data: fromFloat32("F32", change) });
  parts.targets.push({ module, digest: matrix.digest, in: rows, out: width, kind: "embedding", rank, alpha: rank, scale: 1 });
  parts.notes.push(`Converted ${rank} trained rows of "${module}" into a difference of rank ${rank}`);
}

/** A list means the input embeddings; a table names the module of each list by the end of its path. */
function tokenIndices(config: PeftFile["config"], module: string): readonly number[] {
  const given = config.peft_type === "LORA" ? config.trainable_token_indices : undefined;
  const found = Array.isArray(given)
    ? given
    : Object.entries(given ?? {}).find(([name]) => module === name || module.endsWith(`.${name}`))?.[1];
  if (found === undefined) throw invalid(`"${module}" has trained rows, and trainable_token_indices does not name them`);
  if (new Set(found).size < found.length) throw invalid("trainable_token_indices lists a token twice");
  return found;
}
