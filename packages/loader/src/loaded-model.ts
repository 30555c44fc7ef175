import { type Base, graphImage } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { positionsOf } from "@graft/methods";
import { encodeModel, type ModelProto } from "@graft/onnx";
import { batchesByLength, type Feeds, imageBatch, padBatch, type SessionOptions, type Tokenizer } from "@graft/runtime";
import { AdapterSet, type LoadedAdapter } from "./adapter-set.ts";
import { type AdapterInput, openInput, type ReadFile, type Resolve } from "./adapter-input.ts";
import type { BaseIdentity } from "./base-identity.ts";
import { checkTokenizer } from "./check-tokenizer.ts";
import { type Engine, feedsFor, type FittedAdapter, type OpenSession, type RowAdapter } from "./engine.ts";
import { checkFit, type OriginalsOf } from "./fit.ts";
import { checkGolden } from "./golden.ts";
import { compareMerge, type MergeComparison } from "./compare-merge.ts";
import { mergeFitted } from "./merge-engine.ts";
import { predict, type Prediction, type TaskAnswers } from "./prediction.ts";
import { type EncodedRow, encodeRows, type Row } from "./rows.ts";
import type { WriteModel, WrittenModel } from "./written-model.ts";

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
  readonly allowLossy?: boolean | undefined;
  readonly originalsOf?: OriginalsOf | undefined;
  readonly resolve: Resolve | undefined;
  readonly read: ReadFile;
  /** Writes merged models; absent where there are no folders. */
  readonly write?: WriteModel | undefined;
  readonly openSession: OpenSession;
  readonly session: SessionOptions;
}

/** How rows are run. */
export interface RunRowsOptions {
  /** One of the model's adapters, or null for the base alone; by default the current one. */
  readonly adapter?: string | null;
  /** An adapter, or null, for each row. Rows run together where their adapters leave the base's graph alone, else adapter by adapter. */
  readonly adapters?: readonly (string | null)[];
  /** What the adapters' task must be, which also says what the answers are. */
  readonly task?: keyof TaskAnswers;
  /** Rows of one run; 32 by default. */
  readonly batchSize?: number;
}

const BATCH = 32;

/** A base with adapters. */
export class LoadedModel {
  readonly mode: "merge" | "attach";
  readonly base: Base;
  readonly #parts: ModelParts;
  readonly #adapters = new AdapterSet();

  constructor(parts: ModelParts) {
    this.mode = parts.mode;
    this.base = parts.base;
    this.#parts = parts;
  }

  /** The adapters, in the order they came. */
  get adapters(): readonly LoadedAdapter[] {
    return this.#adapters.list();
  }

  /** Name of the adapter that runs use; the first one until `switch`; undefined for the base alone. */
  get current(): string | undefined {
    return this.#adapters.current?.name;
  }

  /** The tokenizer of the base, where it has one. */
  get tokenizer(): Tokenizer | undefined {
    return this.#parts.tokenizer;
  }

  /** Longest row in tokens that the base leaves to the current adapter. */
  get maxLength(): number {
    return this.#longest(this.#adapters.current);
  }

  /** Adds an adapter after checking that it belongs to the base. BASE_MISMATCH, GOLDEN_MISMATCH, and the codes of opening it. */
  async add(input: AdapterInput): Promise<LoadedAdapter> {
    const { allowMismatch, engine, identity, originalsOf, read, resolve, tokenizerDigest } = this.#parts;
    const { adapter, name: own } = await openInput(input, { read, resolve });
    const { manifest, digest } = adapter;
    const name = this.#adapters.nameFor(own, { version: manifest.version, digest });
    checkTokenizer(manifest, { name, digest: tokenizerDigest, allowMismatch });
    const { kind, matches } = await checkFit(identity, manifest, { name, allowMismatch, originalsOf });
    await identity.save();
    const fitted: FittedAdapter = { name, adapter, matches };
    const rounded = await engine.add(fitted);
    try {
      // Of other weights, or rounded ones, others than the recorded numbers are expected.
      const unlike = kind === "override" || kind === "variant" || rounded.length > 0;
      const goldenCases = unlike
        ? 0
        : await checkGolden(manifest, {
            name,
            run: async (row) => (await this.#predict([row], [fitted]))[0]?.logits ?? new Float32Array(),
          });
      const loaded: LoadedAdapter = { name, manifest, digest, fit: kind, goldenCases, rounded };
      this.#adapters.add({ loaded, fitted });
      return loaded;
    } catch (cause) {
      await engine.remove(fitted);
      throw cause;
    }
  }

  /** Lets an adapter go; runs that have begun end first. */
  async remove(name: string): Promise<void> {
    const { fitted } = this.#adapters.find(name);
    this.#adapters.remove(fitted);
    await this.#parts.engine.remove(fitted);
  }

  /**
   * Takes a merged adapter out again: what runs without another is the base, to the bit, since its weights were kept and never changed.
   * USAGE in another mode.
   */
  async unmerge(name?: string): Promise<void> {
    if (this.mode !== "merge") throw new GraftError("USAGE", 'Cannot unmerge: nothing is merged in mode "attach"', { hint: "Use remove" });
    const { fitted } = this.#adapters.find(name ?? this.current);
    this.#adapters.remove(fitted);
    this.#adapters.current = undefined;
    await this.#parts.engine.remove(fitted);
  }

  /** Opens what runs with the current adapter need; others open what is theirs when they are first run. */
  open(): Promise<void> {
    return this.#parts.engine.prepare(this.#adapters.current);
  }

  /** Makes another of the model's adapters the current one; null stands for the base alone. */
  switch(name: string | null): void {
    this.#adapters.current = name === null ? undefined : this.#adapters.find(name).fitted;
  }

  /** Runs rows of any length; the answers come in the order of the rows. With `task`, answers have that task's type, or USAGE says that they would not. */
  run<Task extends keyof TaskAnswers>(
    rows: readonly Row[],
    options: RunRowsOptions & { readonly task: Task },
  ): Promise<TaskAnswers[Task][]>;
  run(rows: readonly Row[], options?: RunRowsOptions): Promise<Prediction[]>;
  async run(rows: readonly Row[], options: RunRowsOptions = {}): Promise<Prediction[]> {
    const { adapter, adapters, task, batchSize } = options;
    if (adapters !== undefined && adapters.length !== rows.length)
      throw new GraftError("USAGE", `Cannot run ${rows.length} rows: ${adapters.length} adapters are given for them`, {
        hint: "Give one for each row, or null",
      });
    // Who is asked is settled now, whatever is switched to while this runs.
    const chosen = this.#adapters.rows(adapters ?? rows.map(() => adapter));
    const other = task === undefined ? undefined : chosen.find((one) => one?.adapter.manifest.task.type !== task);
    if (task !== undefined && chosen.some((one) => one?.adapter.manifest.task.type !== task))
      throw new GraftError("USAGE", `Cannot answer "${task}": the task of "${other?.name ?? "none"}" is another`, {
        hint: `It is "${other?.adapter.manifest.task.type ?? "none"}"`,
      });
    return this.#predict(rows, chosen, { batchSize });
  }

  /**
   * Writes the base with one adapter merged as an ONNX model of its own, and runs the golden cases on it before it appears: a path that
   * ends in .onnx is that file with its weights beside it, any other a folder.
   */
  async write(
    path: string,
    options: { readonly adapter?: string; readonly overwrite?: boolean; readonly allowLossy?: boolean } = {},
  ): Promise<WrittenModel> {
    const { fitted } = this.#adapters.find(options.adapter ?? this.current);
    const { base, model, openSession, session, write } = this.#parts;
    if (write === undefined) throw new GraftError("USAGE", `Cannot write "${path}": there are no folders here`);
    const { allowLossy = this.#parts.allowLossy } = options;
    const merged = await mergeFitted(base, { model, fitted, allowLossy });
    return write(base, path, {
      merged,
      digest: fitted.adapter.digest,
      ...(options.overwrite === undefined ? {} : { overwrite: options.overwrite }),
      check: async (written, folder) => {
        // Rounded weights give other numbers than those that were recorded.
        if (merged.rounded.length > 0) return;
        const opened = await openSession(encodeModel(written), { ...session, folder });
        try {
          await checkGolden(fitted.adapter.manifest, {
            name: fitted.name,
            run: async (row) => {
              const feeds = this.#feeds(await this.#encode([row], fitted));
              const outputs = await opened.run(feedsFor(opened, feeds), { fetches: [merged.output] });
              return outputs[merged.output]?.data as Float32Array;
            },
          });
        } finally {
          await opened.close();
        }
      },
    });
  }

  /** What a merge of an adapter changes of its answers, and where rounding does it; nothing of the model is changed. */
  async compareMerge(rows: readonly Row[], { adapter }: { readonly adapter?: string } = {}): Promise<MergeComparison> {
    const { fitted } = this.#adapters.find(adapter ?? this.current);
    return compareMerge(this.#parts, {
      fitted,
      run: (engine) =>
        this.#predict(
          rows,
          rows.map(() => fitted),
          { engine },
        ),
    });
  }

  /** Ends the sessions. */
  async close(): Promise<void> {
    await this.#parts.engine.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #predict(
    rows: readonly Row[],
    adapters: readonly RowAdapter[],
    options: { batchSize?: number | undefined; engine?: Engine } = {},
  ): Promise<Prediction[]> {
    const { batchSize = BATCH, engine = this.#parts.engine } = options;
    const encodings: EncodedRow[] = [];
    for (const [adapter, own] of groupsOf(adapters)) {
      const encoded = await this.#encode(
        own.map((index) => rows[index] as Row),
        adapter,
      );
      for (const [place, index] of own.entries()) encodings[index] = encoded[place] as EncodedRow;
    }
    const lots = new Map<RowAdapter, string>();
    for (const adapter of new Set(adapters)) lots.set(adapter, await engine.lotOf(adapter));
    const results: Prediction[] = [];
    for (const [, lot] of groupsOf(adapters.map((adapter) => lots.get(adapter)))) {
      const lengths = lot.map((index) => encodings[index]?.ids.length ?? 0);
      for (const batch of batchesByLength(lengths, { batchSize })) {
        const chosen = batch.map((place) => lot[place] as number);
        const feeds = this.#feeds(chosen.map((index) => encodings[index] as EncodedRow));
        const outputs = await engine.run(
          feeds,
          chosen.map((index) => adapters[index]),
        );
        for (const [place, output] of outputs.entries()) {
          const index = chosen[place] as number;
          results[index] = predict(output, adapters[index]?.adapter.manifest.task, encodings[index]);
        }
      }
    }
    return results;
  }

  #encode(rows: readonly Row[], fitted: RowAdapter): Promise<EncodedRow[]> {
    const manifest = fitted?.adapter.manifest;
    const byWord = manifest?.task.head?.pooling === "none" && manifest.task.labels.length > 0;
    return encodeRows(rows, {
      tokenizer: this.#parts.tokenizer,
      maxLength: this.#longest(fitted),
      byWord,
      image: this.base.image,
      read: this.#parts.read,
    });
  }

  #longest(adapter: RowAdapter): number {
    return this.base.maxLength - (adapter === undefined ? 0 : positionsOf(adapter.adapter.manifest.method));
  }

  #feeds(encodings: readonly EncodedRow[]): Feeds {
    const images = encodings.flatMap(({ pixels }) => pixels ?? []);
    const input = graphImage(this.base.model);
    if (images.length > 0 && images.length === encodings.length && input !== undefined && this.base.image !== undefined)
      return { [input.name]: imageBatch(images, this.base.image) };
    return padBatch(encodings, { padId: this.#parts.tokenizer?.padId ?? 0 });
  }
}

/** Places by value, in the order in which the values come. */
function groupsOf<Value>(values: readonly Value[]): Map<Value, number[]> {
  return Map.groupBy(values.keys(), (index) => values[index] as Value);
}
