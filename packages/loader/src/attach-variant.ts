import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { type AttachedRows, attachRows, headForm, predictsTokens } from "@graft/methods";
import { encodeModel, type ModelProto } from "@graft/onnx";
import type { Feeds, Session, SessionOptions, TensorValue } from "@graft/runtime";
import { feedsFor, type FittedAdapter, type OpenSession, type RowAdapter, type RowOutput } from "./engine.ts";
import { type PreparedAdapter, prepareAdapter, rowFeeds, rowIndex } from "./row-feeds.ts";

/** What a graph with adapters as inputs is made of. */
export interface VariantParts {
  readonly base: Base;
  /** The base's graph, its weights in its files. */
  readonly model: ModelProto;
  readonly openSession: OpenSession;
  readonly session: SessionOptions;
}

/** What adapters must have in common to share a graph: the tensors that they add to the base or put in the place of its own. */
export function variantOf({ method, tensors }: Pick<Manifest, "method" | "tensors">): string {
  const whole = tensors.flatMap(({ role, key, shape }) => (role === "head" ? [] : [`${role} ${key} ${shape.join("x")}`]));
  if (whole.length === 0) return "";
  return JSON.stringify([tensors.some(({ role }) => role === "added") ? method : "", ...whole.toSorted()]);
}

/** One graph and its session, which is opened when it is first needed. Switching replaces what is fed. */
export class AttachVariant {
  readonly #parts: VariantParts;
  readonly #adapters = new Map<FittedAdapter, PreparedAdapter>();
  #attached: AttachedRows | undefined;
  #session: Session | undefined;
  /** The adapters that the session's inputs hold. */
  #stack: readonly RowAdapter[] = [];

  constructor(parts: VariantParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#adapters.size;
  }

  /** The session stays when the graph has every place that the new adapter needs. */
  async add(fitted: FittedAdapter): Promise<void> {
    const attached = this.#attach([...this.#adapters.keys(), fitted]);
    this.#adapters.set(fitted, await prepareAdapter(fitted, this.#parts.base.weights));
    if (this.#attached !== undefined && places(attached) <= places(this.#attached)) return;
    this.#attached = attached;
    await this.#close();
  }

  remove(fitted: FittedAdapter): void {
    this.#adapters.delete(fitted);
    if (this.#stack.includes(fitted)) this.#stack = [];
  }

  /** Whether rows with the adapter can be run beside rows with others: a layer that all rows share has one adapter at a time. */
  mixes(adapter: RowAdapter): boolean {
    if (adapter === undefined) return true;
    const shared = new Set(this.#graph().targets.flatMap(({ byRow, site }) => (byRow ? [] : [site])));
    return variantOf(adapter.adapter.manifest) === "" && !adapter.matches.some(({ uses }) => shared.has(uses[0].output));
  }

  async open(adapter: RowAdapter): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    const { base, openSession, session } = this.#parts;
    const attached = this.#graph();
    const state = this.#feeds(attached, [adapter]);
    this.#session = await openSession(encodeModel(attached.model), { folder: base.folder, ...session, state });
    this.#stack = [adapter];
    return this.#session;
  }

  async run(feeds: Feeds, rows: readonly RowAdapter[]): Promise<RowOutput[]> {
    const wanted = [...new Set(rows)];
    const session = await this.open(wanted[0]);
    const attached = this.#graph();
    if (wanted.length !== this.#stack.length || wanted.some((one, index) => one !== this.#stack[index])) {
      await session.setState(this.#feeds(attached, wanted));
      this.#stack = wanted;
    }
    const outputs = rows.map((row) => outputOf(attached, row));
    const fed = feedsFor(session, { ...feeds, [attached.rows]: rowIndex(rows, wanted) });
    const values = await session.run(fed, { fetches: [...new Set(outputs)] });
    return rows.map((row, index) => rowOutput(values[outputs[index] ?? ""] as TensorValue, { index, width: widthOf(row) }));
  }

  async close(): Promise<void> {
    await this.#close();
    this.#adapters.clear();
  }

  /** The graph and what it is fed, for who runs it himself. */
  graph(adapters: readonly RowAdapter[]): { readonly attached: AttachedRows; readonly feeds: Feeds } {
    const attached = this.#graph();
    return { attached, feeds: this.#feeds(attached, adapters) };
  }

  #graph(): AttachedRows {
    this.#attached ??= this.#attach([...this.#adapters.keys()]);
    return this.#attached;
  }

  #attach(fitted: readonly FittedAdapter[]): AttachedRows {
    const { base, model } = this.#parts;
    return attachRows(
      { model, hiddenSize: base.hiddenSize },
      fitted.map(({ adapter, matches }) => ({ manifest: adapter.manifest, matches })),
    );
  }

  #feeds(attached: AttachedRows, adapters: readonly RowAdapter[]): Feeds {
    return rowFeeds(
      attached,
      adapters.map((one) => {
        const prepared = one === undefined ? undefined : this.#adapters.get(one);
        if (one !== undefined && prepared === undefined)
          throw new GraftError("USAGE", `Cannot run with "${one.name}": it was not added, or was removed`);
        return prepared;
      }),
    );
  }

  async #close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#stack = [];
    await session?.close();
  }
}

/** Counts what can be fed and fetched: a graph for more adapters has at least as much. */
function places({ targets, heads, hidden, tokens }: AttachedRows): number {
  return targets.reduce(
    (sum, { inputs }) => sum + Object.keys(inputs).length,
    heads.length + [hidden, tokens].filter((one) => one !== undefined).length,
  );
}

/** Name of the output that a row's answer is in. */
export function outputOf(attached: AttachedRows, row: RowAdapter): string {
  const manifest = row?.adapter.manifest;
  const head = manifest?.task.head;
  if (head !== undefined) return attached.heads.find(({ form }) => form === headForm(head))?.output ?? "";
  const tokens = manifest === undefined ? attached.hidden === undefined : predictsTokens(manifest);
  const output = tokens ? attached.tokens : attached.hidden;
  if (output !== undefined) return output;
  throw new GraftError("USAGE", "Cannot run rows without an adapter: the base gives no hidden states", {
    hint: "Export the bare model, for the task feature-extraction",
  });
}

/** Outputs of a row's own head; the graph has as many as the widest. */
function widthOf(row: RowAdapter): number | undefined {
  const manifest = row?.adapter.manifest;
  const last = manifest?.task.head?.layers.at(-1)?.weight;
  return manifest?.tensors.find(({ key }) => key === last)?.shape[0];
}

/** A row of an output, cut to the width of its own head. */
function rowOutput({ dims, data }: TensorValue, { index, width }: { index: number; width: number | undefined }): RowOutput {
  const own = dims.slice(1);
  const size = own.reduce((product, one) => product * one, 1);
  const values = (data as Float32Array).slice(index * size, (index + 1) * size);
  const all = own.at(-1) ?? 1;
  if (width === undefined || width === all) return { dims: own, values };
  const positions = size / all;
  const cut = new Float32Array(positions * width);
  for (let position = 0; position < positions; position++)
    cut.set(values.subarray(position * all, position * all + width), position * width);
  return { dims: [...own.slice(0, -1), width], values: cut };
}
