import type { Base } from "@graft/architectures";
import { openBase, referToFiles } from "@graft/architectures/node";
import type { Manifest } from "@graft/format";
import { encodeModel } from "@graft/onnx";
import type { Feeds } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { type AdapterInput, openInput, type Resolve } from "./adapter-input.ts";
import { AttachVariant, outputOf, variantOf } from "./attach-variant.ts";
import { BaseIdentity } from "./base-identity.ts";
import type { FittedAdapter, RowAdapter } from "./engine.ts";
import { GraftError } from "@graft/error";
import { checkFit, type FitKind } from "./fit.ts";
import { mergeFitted } from "./merge-engine.ts";
import { fileDigest, readFile } from "./read-file.ts";
import { rowIndex } from "./row-feeds.ts";

/** What a graph is made of. */
export interface GraphOptions {
  readonly adapters: readonly AdapterInput[];
  readonly resolve?: Resolve;
  readonly allowMismatch?: boolean;
}

/** An adapter in a graph: what it is called there, and how it is known to fit. */
export interface GraphAdapter {
  readonly name: string;
  readonly digest: string;
  readonly fit: FitKind;
  readonly manifest: Manifest;
}

/** A graph for a session of one's own; its external weights are relative to `folder`, which a session is told of. */
export interface AdapterGraph {
  /** The ONNX file. */
  readonly model: Uint8Array;
  readonly folder: string;
  readonly adapters: readonly GraphAdapter[];
}

/** A graph whose inputs the adapters are. */
export interface AttachedGraph extends AdapterGraph {
  /** The adapters' inputs for rows that all use one of them; null stands for none. */
  feeds(adapter: string | null): Feeds;
  /** The same for rows that each use their own. */
  feedsByRow(adapters: readonly (string | null)[]): Feeds;
  /** Name of the output that holds an adapter's answers: [rows, positions or 1, outputs], as many outputs as the widest head has. */
  outputOf(adapter: string | null): string;
}

/**
 * The base's graph with adapters as inputs, for who has a session of his own: its feeds come beside the base's. Adapters that add or
 * replace tensors share a graph only with those that do the same. USAGE, BASE_MISMATCH, and the codes of opening both.
 */
export async function attachGraph(base: string | Base, options: GraphOptions): Promise<AttachedGraph> {
  const { opened, fitted, adapters } = await fit(base, options);
  const forms = new Set(fitted.map(({ adapter }) => variantOf(adapter.manifest)));
  if (forms.size > 1)
    throw new GraftError("USAGE", "Cannot attach the adapters to one graph: some of them change it, and not in the same way", {
      hint: "Make a graph for each kind, or use load",
    });
  const variant = new AttachVariant({ base: opened, model: await referToFiles(opened), openSession, session: {} });
  for (const one of fitted) await variant.add(one);
  const find = (name: string | null): RowAdapter => {
    const found = fitted.find((one) => one.name === name || one.adapter.digest === name);
    if (name !== null && found === undefined)
      throw new GraftError("USAGE", `Cannot use the adapter "${name}": the graph has none of that name`);
    return found;
  };
  const { attached } = variant.graph([undefined]);
  const feedsByRow = (names: readonly (string | null)[]): Feeds => {
    const rows = names.map(find);
    const stack = [...new Set(rows)];
    return { ...variant.graph(stack).feeds, [attached.rows]: rowIndex(rows, stack) };
  };
  return {
    model: encodeModel(attached.model),
    folder: opened.folder,
    adapters,
    feeds: (name) => feedsByRow([name]),
    feedsByRow,
    outputOf: (name) => outputOf(attached, find(name)),
  };
}

/** The base's graph with one adapter in its weights, for who has a session of his own. Codes of attachGraph; MERGE_LOSSY. */
export async function mergeGraph(
  base: string | Base,
  options: Omit<GraphOptions, "adapters"> & { readonly adapter: AdapterInput; readonly allowLossy?: boolean },
): Promise<AdapterGraph & { readonly output: string }> {
  const { opened, fitted, adapters } = await fit(base, { ...options, adapters: [options.adapter] });
  const merged = await mergeFitted(opened, {
    model: await referToFiles(opened),
    fitted: fitted[0] as FittedAdapter,
    allowLossy: options.allowLossy,
  });
  return { model: encodeModel(merged.model), folder: opened.folder, adapters, output: merged.output };
}

async function fit(
  base: string | Base,
  { adapters: inputs, resolve, allowMismatch = false }: GraphOptions,
): Promise<{ opened: Base; fitted: readonly FittedAdapter[]; adapters: readonly GraphAdapter[] }> {
  const opened = typeof base === "string" ? await openBase(base) : base;
  const identity = new BaseIdentity(opened, { hashFile: fileDigest });
  const fitted: FittedAdapter[] = [];
  const adapters: GraphAdapter[] = [];
  for (const input of inputs) {
    const { adapter, name: own } = await openInput(input, { read: readFile, resolve });
    const name = fitted.some((one) => one.name === own) ? `${own}@${adapter.digest}` : own;
    const { kind, matches } = await checkFit(identity, adapter.manifest, { name, allowMismatch });
    fitted.push({ name, adapter, matches });
    adapters.push({ name, digest: adapter.digest, fit: kind, manifest: adapter.manifest });
  }
  return { opened, fitted, adapters };
}
