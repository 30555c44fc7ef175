import { isGraftError } from "@graft/error";
import { MANIFEST_KEY, openAdapter, type Adapter, type Manifest } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";
import { printable, tally, type Inspection } from "./inspection.ts";

/** Adds to the summary of a safetensors file what its manifest says. A file that is refused as an adapter stays one with a warning. */
export async function inspectAdapter(path: string, plain: Inspection): Promise<Inspection> {
  let adapter: Adapter;
  try {
    adapter = await openAdapter(await fileSource(path));
  } catch (cause) {
    if (!isGraftError(cause)) throw cause;
    const known = plain.warnings.some(({ message }) => cause.message.includes(message));
    return { ...plain, warnings: known ? plain.warnings : [...plain.warnings, { rule: cause.code, message: cause.message }] };
  }
  await adapter.close();
  const { manifest, tensorsDigest } = adapter;
  const { metadata, ...document } = plain.document;
  const { [MANIFEST_KEY]: _, ...others } = metadata as Record<string, string>;
  return {
    ...plain,
    kind: "adapter",
    facts: [...describe(manifest), ...plain.facts],
    document: { ...document, metadata: others, tensorsDigest, manifest },
  };
}

function describe(manifest: Manifest): [string, string][] {
  const { name, version, description, license, method, task, base, targets, tensors, training, golden } = manifest;
  const { name: methodName, ...options } = method;
  const facts: [string, string | undefined][] = [
    ["name", name === undefined ? undefined : `${name}@${version ?? ""}`],
    ["description", description],
    ["licence", license],
    ["method", [methodName, ...Object.entries(options).map(([key, value]) => `${key} ${String(value)}`)].join(", ")],
    ["task", `${task.type}${task.labels.length === 0 ? "" : `: ${task.labels.join(", ")}`}`],
    ["head", task.head === undefined ? undefined : `${task.head.pooling} pooling, ${task.head.layers.length} dense layers`],
    ["base", `${base.name}${base.revision === undefined ? "" : ` at ${base.revision}`}`],
    ["fingerprint", base.fingerprint],
    [
      "targets",
      targets.length === 0 ? "none" : `${targets.length}: ${tally(targets.map(({ module }) => module.split(".").at(-1) ?? module))}`,
    ],
    ["rank", targets.every(({ rank }) => rank === undefined) ? undefined : distinct(targets.flatMap(({ rank }) => rank ?? []))],
    ["scale", targets.every(({ scale }) => scale === undefined) ? undefined : distinct(targets.flatMap(({ scale }) => scale ?? []))],
    ["whole tensors", tensors.length === 0 ? undefined : `${tensors.length}: ${tally(tensors.map(({ role }) => role))}`],
    [
      "trained",
      training === undefined
        ? undefined
        : Object.entries(training.metrics ?? {})
            .map(([metric, value]) => `${metric} ${Number(value.toFixed(4))}`)
            .join(", "),
    ],
    ["golden cases", golden === undefined ? undefined : String(golden.cases.length)],
    ["writer", `${manifest.writer.name} ${manifest.writer.version}`],
  ];
  return facts.flatMap(([key, value]): [string, string][] => (value === undefined || value === "" ? [] : [[key, printable(value)]]));
}

function distinct(values: readonly number[]): string {
  return [...new Set(values)].toSorted((left, right) => left - right).join(", ");
}
