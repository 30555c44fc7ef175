import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { identifyBase, openBase } from "@graft/architectures/node";
import { formatBytes } from "@graft/terminal";
import { inspectModel } from "./inspect-onnx.ts";
import type { Inspection } from "./inspection.ts";

/** Inspects a folder that holds a base: a checkpoint or an export. Codes of openBase. */
export async function inspectCheckpoint(folder: string): Promise<Inspection> {
  const base = await openBase(folder, { allowMerged: true });
  const { reference } = await identifyBase(base);
  const sizes = await Promise.all(base.files.map(async (path) => (await stat(path)).size));
  const { document, facts, tables, warnings } = await inspectModel(base.model, base.folder);
  const kept = new Set(["inputs", "outputs", "operators", "parameters"]);
  return {
    kind: base.kind,
    facts: [
      ["name", reference.name],
      ...(base.family === undefined ? [] : [["family", base.family] as const]),
      ["fingerprint", reference.fingerprint],
      ["hidden size", String(base.hiddenSize)],
      ["longest sequence", `${base.maxLength} tokens`],
      ...base.files.map((path, index) => ["weights in", `${basename(path)}, ${formatBytes(sizes[index] ?? 0)}`] as const),
      ["tokenizer", base.tokenizerFile === undefined ? "none" : basename(base.tokenizerFile)],
      ...facts.filter(([name]) => kept.has(name)),
    ],
    tables,
    warnings,
    document: { ...document, ...reference, hiddenSize: base.hiddenSize, maxLength: base.maxLength },
  };
}
