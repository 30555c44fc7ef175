import { type Base, graphImage } from "@graft/architectures";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { positionsOf } from "@graft/methods";
import { encodeModel, type ModelProto } from "@graft/onnx";
import { batchesByLength, type Feeds, imageBatch, padBatch, type SessionOptions, type Tokenizer } from "@graft/runtime";
import { type AdapterInput, openInput, type ReadFile, type Resolve } from "./adapter-input.ts";
import { type Engine, feedsFor, type FittedAdapter, type OpenSession } from "./engine.ts";
import { type BaseIdentity, checkFit, type FitKind } from "./fit.ts";
import { checkGolden } from "./golden.ts";
import { mergeFitted } from "./merge-engine.ts";
import { type Prediction, predictions } from "./prediction.ts";
import { type EncodedRow, encodeRows, type Row } from "./rows.ts";
import type { WriteModel, WrittenModel } from "./written-model.ts";

/** An adapter that a model has, and how it is known to fit. */
export interface LoadedAdapter {
  /** What `run` and `switch` call it. */
  readonly name: string;
  readonly manifest: Manifest;
  readonly digest: string;
  readonly fit: FitKind;
  /** Golden cases that were run and agreed. */
  readonly goldenCases: number;
}

/** What a model is made of. */
export interface ModelParts {
  readonly mode: "merge" | "attach";
  readonly base: Base;
  readonly identity: BaseIdentity;
  /** The base's graph, its weights in its files. */
  readonly model: ModelProto;
  readonly engine: Engine;
  readonly tokenizer: Tokenizer | undefined;
  readonly tokenizerDigest: string | undefined;
  readonly allowMismatch: boolean;
  readonly resolve: Resolve | undefined;
  readonly read: ReadFile;
  /** Writes merged models; absent where there are no folders. */
  readonly write?: WriteModel | undefined;
  readonly openSession: OpenSession;
  readonly session: SessionOptions;
}

/** How rows are run. */
export interface RunRowsOptions {
  /** One of the model's adapters; by default the current one. */
  readonly adapter?: string;
  /** Rows of one run; 32 by default. */
  readonly batchSize?: number;
}

/** A base with adapters. */
export class LoadedModel {
  readonly mode: "merge" | "attach";
  readonly base: Base;
  readonly #parts: ModelParts;
  readonly #adapters = new Map<string, { loaded: LoadedAdapter; fitted: FittedAdapter }>();
  #current: string | undefined;

  constructor(parts: ModelParts) {
    this.mode = parts.mode;
    this.base = parts.base;
    this.#parts = parts;
  }

  /** The adapters, in the order they came. */
  get adapters(): readonly LoadedAdapter[] {
    return [...this.#adapters.values()].map(({ loaded }) => loaded);
  }

  /** Name of the adapter that runs use; the first one until `switch`. */
  get current(): string | undefined {
    return this.#current;
  }

  /** The tokenizer of the base, where it has one. */
  get tokenizer(): Tokenizer | undefined {
    return this.#parts.tokenizer;
  }

  /** Longest row in tokens that the base leaves to the current adapter. */
  get maxLength(): number {
    return this.base.maxLength - positionsOf(this.#find(this.#current).fitted.adapter.manifest.method);
  }

  /** Adds an adapter after checking that it belongs to the base. BASE_MISMATCH, GOLDEN_MISMATCH, and the codes of opening it. */
  async add(input: AdapterInput): Promise<LoadedAdapter> {
    const { allowMismatch, engine, identity, read, resolve } = this.#parts;
    const { adapter, name: own } = await openInput(input, { read, resolve });
    const { manifest, digest } = adapter;
    if (this.#adapters.get(own)?.loaded.digest === digest) throw new GraftError("USAGE", `Cannot add "${own}": the model has it already`);
    const name = this.#adapters.has(own) ? `${own}@${manifest.version ?? digest}` : own;
    this.#checkTokenizer(manifest, name);
    const { kind, matches } = await checkFit(identity, manifest, { name, allowMismatch });
    const fitted: FittedAdapter = { name, adapter, matches };
    await engine.add(fitted);
    const goldenCases =
      kind === "override"
        ? 0
        : await checkGolden(manifest, { name, run: async (row) => (await this.#predict([row], fitted))[0]?.logits ?? new Float32Array() });
    const loaded: LoadedAdapter = { name, manifest, digest, fit: kind, goldenCases };
    this.#adapters.set(name, { loaded, fitted });
    this.#current ??= name;
    return loaded;
  }

  /** Makes another of the model's adapters the current one. */
  switch(name: string): void {
    this.#current = this.#find(name).loaded.name;
  }

  /** Runs rows of any length; the answers come in the order of the rows. */
  async run(rows: readonly Row[], options: RunRowsOptions = {}): Promise<Prediction[]> {
    return this.#predict(rows, this.#find(options.adapter ?? this.#current).fitted, options.batchSize);
  }

  /**
   * Writes the base with one adapter merged as an ONNX model of its own, and runs the golden cases on it before it appears: a path that
   * ends in .onnx is that file with its weights beside it, any other a folder.
   */
  async write(path: string, options: { readonly adapter?: string; readonly overwrite?: boolean } = {}): Promise<WrittenModel> {
    const { fitted } = this.#find(options.adapter ?? this.#current);
    const { base, model, openSession, session, write } = this.#parts;
    if (write === undefined) throw new GraftError("USAGE", `Cannot write "${path}": there are no folders here`);
    const merged = await mergeFitted(base, { model, fitted });
    return write(base, path, {
      merged,
      digest: fitted.adapter.digest,
      ...(options.overwrite === undefined ? {} : { overwrite: options.overwrite }),
      check: async (written, folder) => {
        const opened = await openSession(encodeModel(written), { ...session, folder });
        try {
          await checkGolden(fitted.adapter.manifest, {
            name: fitted.name,
            run: async (row) => {
              const outputs = await opened.run(feedsFor(opened, this.#feeds(await this.#encode([row], fitted))), {
                fetches: [merged.output],
              });
              return outputs[merged.output]?.data as Float32Array;
            },
          });
        } finally {
          await opened.close();
        }
      },
    });
  }

  /** Ends the sessions. */
  async close(): Promise<void> {
    await this.#parts.engine.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #predict(rows: readonly Row[], fitted: FittedAdapter, batchSize = 32): Promise<Prediction[]> {
    const { task } = fitted.adapter.manifest;
    const encodings = await this.#encode(rows, fitted);
    const results: Prediction[] = [];
    for (const batch of batchesByLength(
      encodings.map(({ ids }) => ids.length),
      { batchSize },
    )) {
      const chosen = batch.map((index) => encodings[index] as EncodedRow);
      const output = await this.#parts.engine.run(this.#feeds(chosen), fitted);
      for (const [position, prediction] of predictions(output, task, chosen).entries()) results[batch[position] as number] = prediction;
    }
    return results;
  }

  #encode(rows: readonly Row[], { adapter }: FittedAdapter): Promise<EncodedRow[]> {
    const { method, task } = adapter.manifest;
    const byWord = task.head?.pooling === "none" && task.labels.length > 0;
    const maxLength = this.base.maxLength - positionsOf(method);
    return encodeRows(rows, { tokenizer: this.#parts.tokenizer, maxLength, byWord, image: this.base.image, read: this.#parts.read });
  }

  #feeds(encodings: readonly EncodedRow[]): Feeds {
    const images = encodings.flatMap(({ pixels }) => pixels ?? []);
    const input = graphImage(this.base.model);
    if (images.length > 0 && images.length === encodings.length && input !== undefined && this.base.image !== undefined)
      return { [input.name]: imageBatch(images, this.base.image) };
    return padBatch(encodings, { padId: this.#parts.tokenizer?.padId ?? 0 });
  }

  #find(name: string | undefined): { loaded: LoadedAdapter; fitted: FittedAdapter } {
    const found =
      name === undefined
        ? undefined
        : (this.#adapters.get(name) ??
          [...this.#adapters.values()].find(
            ({ loaded }) => loaded.digest === name || `${loaded.name}@${loaded.manifest.version}` === name,
          ));
    if (found !== undefined) return found;
    const known = [...this.#adapters.keys()].map((one) => `"${one}"`).join(", ");
    throw new GraftError(
      "USAGE",
      name === undefined ? "Cannot run the model: it has no adapter" : `Cannot use the adapter "${name}": the model has ${known || "none"}`,
      { hint: "Give it to load, or add it first" },
    );
  }

  #checkTokenizer({ base }: Manifest, name: string): void {
    const { allowMismatch, tokenizerDigest } = this.#parts;
    if (base.tokenizer === undefined || tokenizerDigest === undefined || base.tokenizer === tokenizerDigest || allowMismatch) return;
    throw new GraftError(
      "BASE_MISMATCH",
      `Cannot load "${name}": it was trained with another tokenizer: this one is ${tokenizerDigest}, want ${base.tokenizer}`,
      {
        hint: "Put the tokenizer.json it was trained with beside the base, or pass `tokenizer`",
        detail: { found: tokenizerDigest, wanted: base.tokenizer },
      },
    );
  }
}
