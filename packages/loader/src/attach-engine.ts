import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { loraKeys } from "@graft/format";
import { attachAdapters, type Attached, headForm } from "@graft/methods";
import { encodeModel, type ModelProto } from "@graft/onnx";
import { type Feeds, floatValue, type Session, type SessionOptions, type TensorValue } from "@graft/runtime";
import { type Engine, feedsFor, type FittedAdapter, type OpenSession } from "./engine.ts";

/** One session whose inputs the adapters are; switching replaces what is fed. */
export class AttachEngine implements Engine {
  readonly #base: Base;
  readonly #model: ModelProto;
  readonly #open: (model: Uint8Array, state: Feeds) => Promise<Session>;
  readonly #fitted: FittedAdapter[] = [];
  readonly #tensors = new Map<FittedAdapter, Feeds>();
  #attached: Attached | undefined;
  #session: Session | undefined;
  #active: FittedAdapter | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(base: Base, options: { model: ModelProto; openSession: OpenSession; session: SessionOptions }) {
    this.#base = base;
    this.#model = options.model;
    this.#open = (model, state) => options.openSession(model, { folder: base.folder, ...options.session, state });
  }

  add(fitted: FittedAdapter): Promise<void> {
    const whole = fitted.adapter.manifest.tensors.find(({ role }) => role === "replacement");
    if (whole !== undefined) {
      throw new GraftError("USAGE", `Cannot attach "${fitted.name}": it replaces whole tensors of the base ("${whole.module}")`, {
        hint: 'Load it with mode "merge"',
      });
    }
    return this.#queued(() => this.#rebuild(fitted));
  }

  run(feeds: Feeds, fitted: FittedAdapter): Promise<TensorValue> {
    return this.#queued(async () => {
      const [attached, session, tensors] = [this.#attached, this.#session, this.#tensors.get(fitted)];
      if (attached === undefined || session === undefined || tensors === undefined)
        throw new GraftError("USAGE", `Cannot run with "${fitted.name}": it was not added`);
      if (this.#active !== fitted) await session.setState(tensors);
      this.#active = fitted;
      const output = outputOf(attached, fitted);
      const outputs = await session.run(feedsFor(session, feeds), { fetches: [output] });
      return outputs[output] as TensorValue;
    });
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  /** The session stays when the graph has every place that the new adapter needs. */
  async #rebuild(fitted: FittedAdapter): Promise<void> {
    const all = [...this.#fitted, fitted];
    const attached = attachAdapters(
      { model: this.#model, hiddenSize: this.#base.hiddenSize },
      all.map(({ adapter, matches }) => ({ manifest: adapter.manifest, matches })),
    );
    const grown =
      this.#attached === undefined ||
      attached.pairs.length + attached.heads.length + (attached.hidden === undefined ? 0 : 1) > size(this.#attached);
    const current = grown ? attached : (this.#attached ?? attached);
    const tensors = new Map<FittedAdapter, Feeds>();
    for (const one of grown ? all : [fitted]) tensors.set(one, await feedsOf(current, one));
    if (grown) {
      const session = await this.#open(encodeModel(current.model), tensors.get(fitted) ?? {});
      await this.#session?.close();
      this.#session = session;
      this.#active = fitted;
    }
    this.#attached = current;
    this.#fitted.push(fitted);
    for (const [one, feeds] of tensors) this.#tensors.set(one, feeds);
  }

  /** One thing after the other: a run never sees half a switch. */
  #queued<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function size({ pairs, heads, hidden }: Attached): number {
  return pairs.length + heads.length + (hidden === undefined ? 0 : 1);
}

function outputOf(attached: Attached, { adapter }: FittedAdapter): string {
  const { head } = adapter.manifest.task;
  const form = head === undefined ? undefined : headForm(head);
  return attached.heads.find((one) => one.form === form)?.output ?? attached.hidden ?? "";
}

/** What the graph's inputs are for one adapter: rank 0 where it has no target, the smallest tensors for heads it has not. */
async function feedsOf(attached: Attached, { adapter, matches }: FittedAdapter): Promise<Feeds> {
  const feeds: Record<string, TensorValue> = {};
  const bySite = new Map(matches.map(({ target, uses }) => [uses[0].output, target]));
  for (const { a, b, in: columns, out, site } of attached.pairs) {
    const target = bySite.get(site);
    const keys = target === undefined ? undefined : loraKeys(target.module);
    const rank = target?.rank ?? 0;
    feeds[a] = floatValue([rank, columns], keys === undefined ? new Float32Array() : await adapter.values(keys.a));
    const scale = target?.scale ?? 0;
    feeds[b] = floatValue(
      [out, rank],
      keys === undefined ? new Float32Array() : (await adapter.values(keys.b)).map((value) => scale * value),
    );
  }
  const { head } = adapter.manifest.task;
  const shapes = new Map(adapter.manifest.tensors.map(({ key, shape }) => [key, shape]));
  for (const { form, layers, width } of attached.heads) {
    const own = head !== undefined && headForm(head) === form ? head.layers : undefined;
    for (const [index, { weight, bias }] of layers.entries()) {
      const layer = own?.[index];
      feeds[weight] =
        layer === undefined
          ? floatValue([1, index === 0 ? width : 1], new Float32Array(index === 0 ? width : 1))
          : floatValue(shapes.get(layer.weight) ?? [], await adapter.values(layer.weight));
      if (bias === undefined) continue;
      feeds[bias] =
        layer?.bias === undefined
          ? floatValue([1], new Float32Array(1))
          : floatValue(shapes.get(layer.bias) ?? [], await adapter.values(layer.bias));
    }
  }
  return feeds;
}
