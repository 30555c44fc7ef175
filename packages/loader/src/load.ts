import type { Base } from "@graft/architectures";
import { openBase, referToFiles } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import type { ModelProto } from "@graft/onnx";
import { openModelFile } from "@graft/onnx/node";
import type { Device } from "@graft/runtime";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import type { AdapterInput, Resolve } from "./adapter-input.ts";
import { AttachEngine } from "./attach-engine.ts";
import { BaseIdentity } from "./fit.ts";
import { LoadedModel } from "./loaded-model.ts";
import { MERGED_KEY, MergeEngine } from "./merge-engine.ts";

/** What is loaded, and how. */
export interface LoadOptions {
  readonly adapters: readonly AdapterInput[];
  /** `merge` writes each adapter into weights of its own: no extra latency. `attach`, the default, keeps the base's and switches in no time. */
  readonly mode?: "merge" | "attach";
  /** Finds the file of an adapter that is given by name. */
  readonly resolve?: Resolve;
  /** Of adapters that were merged before, the ONNX files that hold them, by digest: opened in mode `merge` instead of merging again. */
  readonly merged?: Readonly<Record<string, string>>;
  /** Path of tokenizer.json; the base's own by default. */
  readonly tokenizer?: string;
  /** Loads an adapter whose targets have other weights here; its `fit` then says `override`. */
  readonly allowMismatch?: boolean;
  /** Takes a base that an adapter was merged into. */
  readonly allowMerged?: boolean;
  readonly threads?: number;
  readonly device?: Device;
}

/** Loads a base, a path or an opened one, with adapters. Codes of opening both, BASE_MISMATCH, MERGED_BASE, GOLDEN_MISMATCH. */
export async function load(base: string | Base, options: LoadOptions): Promise<LoadedModel> {
  const { mode = "attach", allowMerged = false, allowMismatch = false, resolve, threads, device } = options;
  const opened = typeof base === "string" ? await openBase(base, { allowMerged }) : base;
  const merged = opened.model.metadataProps.find(({ key }) => key === MERGED_KEY)?.value;
  if (merged !== undefined && !allowMerged) {
    throw new GraftError("MERGED_BASE", `Cannot load on "${opened.name}": the adapter ${merged} is merged into it`, {
      hint: "Use the base without the adapter, or allow merged bases",
      detail: { merged },
    });
  }
  const tokenizerFile = options.tokenizer ?? opened.tokenizerFile;
  const tokenizer =
    tokenizerFile === undefined
      ? undefined
      : await loadTokenizer(tokenizerFile, opened.vocabSize === undefined ? {} : { vocabSize: opened.vocabSize });
  const graph = await referToFiles(opened);
  const session = { memoryPattern: false, ...(threads === undefined ? {} : { threads }), ...(device === undefined ? {} : { device }) };
  const parts = { model: graph, openSession, session };
  const model = new LoadedModel({
    mode,
    base: opened,
    identity: new BaseIdentity(opened),
    engine:
      mode === "merge"
        ? new MergeEngine(opened, { ...parts, openMerged: (digest) => openMerged(options.merged?.[digest], digest) })
        : new AttachEngine(opened, parts),
    tokenizer: tokenizer?.tokenizer,
    tokenizerDigest: tokenizer?.digest,
    allowMismatch,
    resolve,
    ...parts,
  });
  try {
    for (const adapter of options.adapters) await model.add(adapter);
    return model;
  } catch (cause) {
    await model.close();
    throw cause;
  }
}

/** The graph into which an adapter was merged before. MERGED_BASE when it is another one's. */
async function openMerged(path: string | undefined, digest: string): Promise<{ model: ModelProto; folder: string } | undefined> {
  if (path === undefined) return undefined;
  const { model, folder } = await openModelFile(path);
  const found = model.metadataProps.find(({ key }) => key === MERGED_KEY)?.value;
  if (found === digest) return { model, folder };
  throw new GraftError(
    "MERGED_BASE",
    `Cannot run "${path}": ${found === undefined ? "nothing" : `the adapter ${found}`} is merged into it, want ${digest}`,
  );
}
