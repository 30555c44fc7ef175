import type { Base } from "@graft/architectures";
import { openBase, referToFiles } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { attachAdapters, positionsOf } from "@graft/methods";
import { encodeModel, type ModelProto } from "@graft/onnx";
import {
  type DecoderModel,
  decodingGraph,
  type Feeds,
  type GeneratedText,
  generateTexts,
  type GenerateTextOptions,
  type Prompt,
  type Session,
} from "@graft/runtime";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import { openInput } from "./adapter-input.ts";
import { attachedFeeds } from "./attached-feeds.ts";
import type { FittedAdapter } from "./engine.ts";
import { BaseIdentity } from "./base-identity.ts";
import { checkFit, type FitKind } from "./fit.ts";
import { endIds } from "./generation-config.ts";
import type { LoadOptions } from "./load.ts";
import { mergeFitted } from "./merge-engine.ts";
import { fileDigest, readFile } from "./read-file.ts";

/** What is loaded to generate text with, and how. */
export interface LoadGeneratorOptions extends Omit<LoadOptions, "adapters"> {
  /** The base alone without one. */
  readonly adapter?: LoadOptions["adapters"][number];
  /** Keys and values of earlier positions are kept instead of computed again; on by default, where the graph can. */
  readonly keyCache?: boolean;
}

/** Methods whose tensors stand in every run's sequence, so that a run of one token would lack them. */
const UNCACHED: ReadonlySet<string> = new Set(["prefix-embedding", "prefix-layer"]);

/**
 * Loads a decoder, a path, with an adapter or without. Codes of `load`; ARCHITECTURE_UNSUPPORTED and ONNX_UNSUPPORTED for a
 * model that generates no text, TOKENIZER_INVALID for one without a tokenizer.
 */
export async function loadGenerator(path: string, options: LoadGeneratorOptions = {}): Promise<TextGenerator> {
  const { adapter: input, mode = "attach", allowMismatch = false, allowMerged = false, resolve, threads, device } = options;
  const named = input === undefined ? undefined : await openInput(input, { read: readFile, resolve });
  const cache = options.keyCache !== false && !UNCACHED.has(named?.adapter.manifest.method.name ?? "");
  // A merged model generates as it is; another adapter would not fit it.
  const base = await openBase(path, { allowMerged: allowMerged || named === undefined, cache });
  const file = options.tokenizer ?? base.tokenizerFile;
  if (file === undefined)
    throw new GraftError("TOKENIZER_INVALID", `Cannot generate with "${base.name}": it has no tokenizer.json`, {
      hint: "Put the tokenizer.json of the base beside it, or pass `tokenizer`",
    });
  const { tokenizer, digest } = await loadTokenizer(file);
  let model = await referToFiles(base);
  let state: Feeds = {};
  let fit: FitKind | undefined;
  if (named !== undefined) {
    const { manifest } = named.adapter;
    checkTask(manifest, named.name);
    checkTokenizer(manifest, { name: named.name, digest, allowMismatch });
    const found = await checkFit(new BaseIdentity(base, { hashFile: fileDigest }), manifest, {
      name: named.name,
      allowMismatch,
    });
    fit = found.kind;
    ({ model, state } = await apply(base, { model, mode, fitted: { ...named, matches: found.matches } }));
  }
  const graph = decodingGraph(model);
  const session = await openSession(encodeModel(graph.model), {
    folder: base.folder,
    memoryPattern: false,
    state,
    carry: graph.carry,
    ...(threads === undefined ? {} : { threads }),
    ...(device === undefined ? {} : { device }),
  });
  // What a method inserts into every row is no room for tokens.
  const inserted = named === undefined ? 0 : positionsOf(named.adapter.manifest.method);
  const decoder = { session, logits: graph.logits, cache: graph.cache, maxLength: base.maxLength - inserted };
  return new TextGenerator(session, {
    model: { decoder, tokenizer, endIds: await endIds(base, tokenizer) },
    cached: graph.cache.length > 0,
    ...(named === undefined ? {} : { adapter: { name: named.name, digest: named.adapter.digest, fit: fit ?? "targets" } }),
  });
}

/** A loaded decoder that answers prompts. */
export class TextGenerator {
  readonly #session: Session;
  readonly #model: DecoderModel;
  /** Whether keys and values of earlier positions are kept. */
  readonly cached: boolean;
  readonly adapter: { readonly name: string; readonly digest: string; readonly fit: FitKind } | undefined;

  constructor(session: Session, options: { model: DecoderModel; cached: boolean; adapter?: NonNullable<TextGenerator["adapter"]> }) {
    this.#session = session;
    this.#model = options.model;
    this.cached = options.cached;
    this.adapter = options.adapter;
  }

  /** Whether conversations can be answered. */
  get chats(): boolean {
    return this.#model.tokenizer.chat !== undefined;
  }

  /** Answers in the order of the prompts. USAGE, CANCELLED, DATA_INVALID. */
  generate(prompts: readonly Prompt[], options: GenerateTextOptions = {}): Promise<GeneratedText[]> {
    return generateTexts(this.#model, prompts, options);
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function apply(
  base: Base,
  { model, mode, fitted }: { model: ModelProto; mode: "merge" | "attach"; fitted: FittedAdapter },
): Promise<{ model: ModelProto; state: Feeds }> {
  if (mode === "merge") return { model: (await mergeFitted(base, { model, fitted })).model, state: {} };
  const { adapter, matches } = fitted;
  const attached = attachAdapters({ model, hiddenSize: base.hiddenSize }, [{ manifest: adapter.manifest, matches }]);
  return { model: attached.model, state: await attachedFeeds(attached, fitted, base.weights) };
}

function checkTask({ task }: Manifest, name: string): void {
  if (task.type === "causal-language-modelling") return;
  throw new GraftError("USAGE", `Cannot generate with "${name}": its task is "${task.type}", want "causal-language-modelling"`, {
    hint: "Use graft predict with adapters that classify",
  });
}

function checkTokenizer(manifest: Manifest, options: { name: string; digest: string; allowMismatch: boolean }): void {
  const wanted = manifest.base.tokenizer;
  if (wanted === undefined || wanted === options.digest || options.allowMismatch) return;
  throw new GraftError(
    "BASE_MISMATCH",
    `Cannot load "${options.name}": it was trained with another tokenizer: this one is ${options.digest}, want ${wanted}`,
    {
      hint: "Put the tokenizer.json it was trained with beside the base, or pass `tokenizer`",
      detail: { found: options.digest, wanted },
    },
  );
}
