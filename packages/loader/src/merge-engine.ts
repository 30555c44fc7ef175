import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { correlationOf, hiddenState, mergeAdapter, type Merged, type RoundedTarget } from "@graft/methods";
import { cloneModel, encodeModel, type ModelProto, pruneModel } from "@graft/onnx";
import type { Feeds, Session, SessionOptions, TensorValue } from "@graft/runtime";
import { type Engine, feedsFor, type FittedAdapter, type OpenSession, Queue, type RowAdapter, type RowOutput } from "./engine.ts";

/** What the adapter's digest is called in the metadata of a merged model. */
export const MERGED_KEY = "graft.merged";

/** Merges an adapter and writes into the model whose it is. The base's weights stay where they are. */
export async function mergeFitted(
  base: Pick<Base, "weights">,
  options: { readonly model: ModelProto; readonly fitted: FittedAdapter; readonly allowLossy?: boolean | undefined },
): Promise<Merged> {
  const { model, fitted, allowLossy = false } = options;
  const { adapter, matches } = fitted;
  const merged = await mergeAdapter(
    { model, weights: base.weights },
    { manifest: adapter.manifest, matches, values: (key) => adapter.values(key) },
  );
  if (!allowLossy) checkRounding(merged.rounded, fitted.name);
  merged.model.metadataProps = merged.model.metadataProps.filter(({ key }) => key !== MERGED_KEY);
  merged.model.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", key: MERGED_KEY, value: adapter.digest });
  return merged;
}

/** Below this, what a merge leaves of an adapter is mostly rounding: of an error as long as the delta the cosine is 0.7. */
const LEAST_CORRELATION = 0.9;

function checkRounding(rounded: readonly RoundedTarget[], name: string): void {
  const correlation = correlationOf(rounded);
  if (correlation >= LEAST_CORRELATION) return;
  const types = [...new Set(rounded.map(({ stored }) => stored))].join(", ");
  throw new GraftError(
    "MERGE_LOSSY",
    `Cannot merge "${name}" into weights stored as ${types}: what rounding leaves correlates with its difference by ${correlation.toFixed(3)}, want at least ${LEAST_CORRELATION}`,
    {
      hint: 'Attach it instead (mode "attach"), which keeps it in float32; or allow a lossy merge',
      detail: { correlation, targets: rounded },
    },
  );
}

/** Opens the graph into which an adapter was merged before, given its digest; undefined where there is none. */
export type OpenMerged = (digest: string) => Promise<{ readonly model: ModelProto; readonly folder: string } | undefined>;

/** A session over a graph whose only adapter is in its weights; or over the base's own. */
interface MergedSession {
  readonly session: Session;
  readonly output: string;
}

/** One session for each adapter, whose weights are merged, and one of the base where rows without an adapter are asked for. */
export class MergeEngine implements Engine {
  readonly #base: Base;
  readonly #model: ModelProto;
  readonly #open: (model: Uint8Array, folder: string) => Promise<Session>;
  readonly #openMerged: OpenMerged;
  readonly #allowLossy: boolean;
  readonly #sessions = new Map<RowAdapter, MergedSession>();
  readonly #queue = new Queue();

  constructor(
    base: Base,
    options: {
      model: ModelProto;
      openSession: OpenSession;
      session: SessionOptions;
      openMerged?: OpenMerged | undefined;
      allowLossy?: boolean | undefined;
    },
  ) {
    const { model, openSession, session, openMerged = async () => undefined, allowLossy = false } = options;
    this.#allowLossy = allowLossy;
    this.#base = base;
    this.#model = model;
    this.#open = (bytes, folder) => openSession(bytes, { folder, ...session });
    this.#openMerged = openMerged;
  }

  add(fitted: FittedAdapter): Promise<readonly RoundedTarget[]> {
    return this.#queue.run(async () => {
      const { rounded, ...session } = await this.#merge(fitted);
      this.#sessions.set(fitted, session);
      return rounded;
    });
  }

  remove(fitted: FittedAdapter): Promise<void> {
    return this.#queue.run(async () => {
      const entry = this.#sessions.get(fitted);
      this.#sessions.delete(fitted);
      await entry?.session.close();
    });
  }

  async lotOf(adapter: RowAdapter): Promise<string> {
    return adapter?.name ?? "";
  }

  prepare(adapter: RowAdapter): Promise<void> {
    return this.#queue.run(async () => void (await this.#session(adapter)));
  }

  run(feeds: Feeds, rows: readonly RowAdapter[]): Promise<RowOutput[]> {
    return this.#queue.run(async () => {
      const { session, output } = await this.#session(rows[0]);
      const { [output]: value } = await session.run(feedsFor(session, feeds), { fetches: [output] });
      return rowsOf(value as TensorValue);
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ session }) => session.close()));
    this.#sessions.clear();
  }

  async #session(adapter: RowAdapter): Promise<MergedSession> {
    const known = this.#sessions.get(adapter);
    if (known !== undefined) return known;
    if (adapter !== undefined) throw new GraftError("USAGE", `Cannot run with "${adapter.name}": it was not added, or was removed`);
    const { model, output } = baseGraph(this.#model);
    const opened = { session: await this.#open(encodeModel(model), this.#base.folder), output };
    this.#sessions.set(adapter, opened);
    return opened;
  }

  async #merge(fitted: FittedAdapter): Promise<MergedSession & { readonly rounded: readonly RoundedTarget[] }> {
    const before = await this.#openMerged(fitted.adapter.digest);
    if (before !== undefined) {
      const session = await this.#open(encodeModel(before.model), before.folder);
      return { session, output: session.outputNames[0] ?? "", rounded: [] };
    }
    const { model, output, rounded } = await mergeFitted(this.#base, { model: this.#model, fitted, allowLossy: this.#allowLossy });
    return { session: await this.#open(encodeModel(model), this.#base.folder), output, rounded };
  }
}

/** The base's graph with one output: its hidden states, or else its first. */
function baseGraph(base: ModelProto): { model: ModelProto; output: string } {
  const model = cloneModel(base);
  const names = model.graph?.output.map(({ name }) => name) ?? [];
  const output = names.includes("logits") ? "logits" : hiddenState(model);
  if (model.graph !== undefined) model.graph.output = model.graph.output.filter(({ name }) => name === output);
  pruneModel(model);
  return { model, output };
}

/** A batch's output row by row; what a head gives for a row as a whole lies as one position. */
function rowsOf({ dims, data }: TensorValue): RowOutput[] {
  const [count = 0, ...own] = dims;
  const size = own.reduce((product, one) => product * one, 1);
  const values = data as Float32Array;
  const shape = own.length === 1 ? [1, ...own] : own;
  return Array.from({ length: count }, (_, row) => ({ dims: shape, values: values.slice(row * size, (row + 1) * size) }));
}
