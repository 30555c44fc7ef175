import { openBase, referToFiles } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { positionsOf } from "@graft/methods";
import { encodeModel } from "@graft/onnx";
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
import { type NamedAdapter, openInput } from "./adapter-input.ts";
import { AdapterSet, type LoadedAdapter } from "./adapter-set.ts";
import { BaseIdentity } from "./base-identity.ts";
import { checkTokenizer } from "./check-tokenizer.ts";
import { Queue, type RowAdapter } from "./engine.ts";
import { checkFit } from "./fit.ts";
import { endIds } from "./generation-config.ts";
import { type GeneratorGraph, generatorGraph } from "./generator-adapters.ts";
import { type LoadOptions, sessionOptions } from "./load.ts";
import { fileDigest, readFile } from "./read-file.ts";

/** What is loaded to generate text with, and how. */
export interface LoadGeneratorOptions extends Omit<LoadOptions, "adapters"> {
  /** The base alone without one. */
  readonly adapter?: LoadOptions["adapters"][number];
  /** Further adapters to switch to. */
  readonly adapters?: LoadOptions["adapters"];
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
  const { adapter, adapters = [], mode = "attach", allowMismatch = false, allowMerged = false, allowLossy, resolve } = options;
  const named: NamedAdapter[] = [];
  for (const input of [...(adapter === undefined ? [] : [adapter]), ...adapters])
    named.push(await openInput(input, { read: readFile, resolve }));
  const cache = options.keyCache !== false && !named.some((one) => UNCACHED.has(one.adapter.manifest.method.name));
  // A merged model generates as it is; another adapter would not fit it.
  const base = await openBase(path, { allowMerged: allowMerged || named.length === 0, cache });
  const file = options.tokenizer ?? base.tokenizerFile;
  if (file === undefined)
    throw new GraftError("TOKENIZER_INVALID", `Cannot generate with "${base.name}": it has no tokenizer.json`, {
      hint: "Put the tokenizer.json of the base beside it, or pass `tokenizer`",
    });
  const { tokenizer, digest } = await loadTokenizer(file);
  const identity = new BaseIdentity(base, { hashFile: fileDigest, memory: options.memory });
  const set = new AdapterSet();
  for (const one of named) {
    const { manifest } = one.adapter;
    const name = set.nameFor(one.name, { version: manifest.version, digest: one.adapter.digest });
    checkTask(manifest, name);
    checkTokenizer(manifest, { name, digest, allowMismatch });
    const { kind, matches } = await checkFit(identity, manifest, { name, allowMismatch, originalsOf: options.originalsOf });
    const loaded = { name, manifest, digest: one.adapter.digest, fit: kind, goldenCases: 0, rounded: [] };
    set.add({ loaded, fitted: { name, adapter: one.adapter, matches } });
  }
  await identity.save();
  const fitted = set.list().map(({ name }) => set.find(name).fitted);
  const own = await generatorGraph(base, { model: await referToFiles(base), mode, fitted, allowLossy });
  const graph = decodingGraph(own.model);
  const session = await openSession(encodeModel(graph.model), {
    folder: base.folder,
    ...sessionOptions(options),
    state: own.feeds(set.current),
    carry: graph.carry,
  });
  // What a method inserts into every row is no room for tokens.
  const inserted = Math.max(0, ...named.map((one) => positionsOf(one.adapter.manifest.method)));
  const decoder = { session, logits: graph.logits, cache: graph.cache, maxLength: base.maxLength - inserted };
  return new TextGenerator(session, {
    model: { decoder, tokenizer, endIds: await endIds(base, tokenizer) },
    adapters: set,
    feeds: own.feeds,
  });
}

/** A loaded decoder that answers prompts. */
export class TextGenerator {
  readonly #session: Session;
  readonly #model: DecoderModel;
  readonly #adapters: AdapterSet;
  readonly #feeds: GeneratorGraph["feeds"];
  readonly #queue = new Queue();
  #active: RowAdapter;
  /** Whether keys and values of earlier positions are kept. */
  readonly cached: boolean;

  constructor(session: Session, options: { model: DecoderModel; adapters: AdapterSet; feeds: GeneratorGraph["feeds"] }) {
    this.#session = session;
    this.#model = options.model;
    this.#adapters = options.adapters;
    this.#feeds = options.feeds;
    this.#active = options.adapters.current;
    this.cached = options.model.decoder.cache.length > 0;
  }

  /** The adapters, in the order they came. */
  get adapters(): readonly LoadedAdapter[] {
    return this.#adapters.list();
  }

  /** The one that answers from now on; undefined for the base alone. */
  get adapter(): LoadedAdapter | undefined {
    const { current } = this.#adapters;
    return current === undefined ? undefined : this.#adapters.find(current.name).loaded;
  }

  /** Makes another adapter answer, or with null the base alone; what was begun ends with the one it began with. USAGE. */
  switch(name: string | null): void {
    const fitted = name === null ? undefined : this.#adapters.find(name).fitted;
    this.#feeds(fitted);
    this.#adapters.current = fitted;
  }

  /** Whether conversations can be answered. */
  get chats(): boolean {
    return this.#model.tokenizer.chat !== undefined;
  }

  /** Answers in the order of the prompts. USAGE, CANCELLED, DATA_INVALID. */
  generate(prompts: readonly Prompt[], options: GenerateTextOptions = {}): Promise<GeneratedText[]> {
    const wanted = this.#adapters.current;
    return this.#queue.run(async () => {
      if (wanted !== this.#active) await this.#session.setState({ ...this.#feeds(wanted), ...this.#emptyCache() });
      this.#active = wanted;
      return generateTexts(this.#model, prompts, options);
    });
  }

  /** Keys and values that another adapter computed are of no use to the next. */
  #emptyCache(): Feeds {
    return Object.fromEntries(
      this.#model.decoder.cache.map(({ past, type, heads, headSize }) => {
        const data = type === "float16" ? new Uint16Array() : new Float32Array();
        return [past, { type, dims: [1, heads, 0, headSize], data }];
      }),
    );
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function checkTask({ task }: Manifest, name: string): void {
  if (task.type === "causal-language-modelling") return;
  throw new GraftError("USAGE", `Cannot generate with "${name}": its task is "${task.type}", want "causal-language-modelling"`, {
    hint: "Use graft predict with adapters that classify",
  });
}
