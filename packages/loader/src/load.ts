import type { Base } from "@graft/architectures";
import { openBase, referToFiles } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import type { ModelProto } from "@graft/onnx";
import { openModelFile } from "@graft/onnx/node";
import type { Device, SessionOptions } from "@graft/runtime";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import type { AdapterInput, Resolve } from "./adapter-input.ts";
import { assembleModel } from "./assemble.ts";
import type { IdentityMemory } from "./base-identity.ts";
import type { OriginalsOf } from "./fit.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { MERGED_KEY } from "./merge-engine.ts";
import { fileDigest, readFile } from "./read-file.ts";
import { writeModel } from "./write-merged.ts";

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
  /** Merges into weights whose rounding loses the adapter; what is lost stands in its `rounded`. */
  readonly allowLossy?: boolean;
  readonly threads?: number;
  readonly device?: Device;
  /** In Node: false runs in the caller's thread, which then answers nothing else meanwhile; true by default. */
  readonly worker?: boolean;
  /** ONNX Runtime's execution providers as it takes them, in place of those of `device`. */
  readonly executionProviders?: SessionOptions["providers"];
  /** Further options of the session. */
  readonly session?: Omit<SessionOptions, "folder" | "files" | "state" | "carry" | "parts" | "threads" | "device" | "worker" | "providers">;
  /** Fingerprints of the bases that a base was declared to be made from: adapters of those are taken, and their `fit` says `variant`. */
  readonly originalsOf?: OriginalsOf;
  /** Keeps what was computed of a base for the next time. */
  readonly memory?: IdentityMemory;
}

/** Loads a base, a path or an opened one, with adapters. Codes of opening both, BASE_MISMATCH, MERGED_BASE, GOLDEN_MISMATCH. */
export async function load(base: string | Base, options: LoadOptions): Promise<LoadedModel> {
  const { merged, tokenizer: file, ...rest } = options;
  const opened = typeof base === "string" ? await openBase(base, { allowMerged: options.allowMerged === true }) : base;
  const tokenizerFile = file ?? opened.tokenizerFile;
  const tokenizer =
    tokenizerFile === undefined
      ? undefined
      : await loadTokenizer(tokenizerFile, opened.vocabSize === undefined ? {} : { vocabSize: opened.vocabSize });
  return assembleModel(opened, {
    ...rest,
    model: await referToFiles(opened),
    tokenizer: tokenizer?.tokenizer,
    tokenizerDigest: tokenizer?.digest,
    read: readFile,
    hashFile: fileDigest,
    openMerged: (digest) => openMerged(merged?.[digest], digest),
    write: writeModel,
    openSession,
    session: sessionOptions(options),
  });
}

/** The options of a session as `load` takes them. */
export function sessionOptions(
  options: Pick<LoadOptions, "threads" | "device" | "worker" | "executionProviders" | "session">,
): SessionOptions {
  const { threads, device, worker, executionProviders, session } = options;
  return {
    memoryPattern: false,
    ...session,
    ...(threads === undefined ? {} : { threads }),
    ...(device === undefined ? {} : { device }),
    ...(worker === undefined ? {} : { worker }),
    ...(executionProviders === undefined ? {} : { providers: executionProviders }),
  };
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
