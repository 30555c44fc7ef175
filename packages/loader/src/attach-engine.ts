import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import {
  attachAdapters,
  type Attached,
  type AttachedTarget,
  type AttachSlot,
  changesGraph,
  headForm,
  methodNamed,
  neutralSlot,
  slotShape,
  type TargetMatch,
  targetValues,
  targetWeight,
} from "@graft/methods";
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
        detail: { mode: "merge" },
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

  /** A method that changes the graph itself changes it for every row. */
  #checkAlone(fitted: FittedAdapter): void {
    const alone = [fitted, ...this.#fitted].find(({ adapter }) => changesGraph(adapter.manifest));
    if (alone === undefined || this.#fitted.length === 0) return;
    throw new GraftError(
      "USAGE",
      `Cannot attach "${fitted.name}" beside "${this.#fitted[0]?.name}": "${alone.name}" is trained by "${alone.adapter.manifest.method.name}", which changes the graph for every row`,
      { hint: "Load a model of its own for it" },
    );
  }

  /** The session stays when the graph has every place that the new adapter needs. */
  async #rebuild(fitted: FittedAdapter): Promise<void> {
    this.#checkAlone(fitted);
    const all = [...this.#fitted, fitted];
    const attached = attachAdapters(
      { model: this.#model, hiddenSize: this.#base.hiddenSize },
      all.map(({ adapter, matches }) => ({ manifest: adapter.manifest, matches })),
    );
    const grown = this.#attached === undefined || size(attached) > size(this.#attached);
    const current = grown ? attached : (this.#attached ?? attached);
    const tensors = new Map<FittedAdapter, Feeds>();
    for (const one of grown ? all : [fitted]) tensors.set(one, await attachedFeeds(current, one, this.#base.weights));
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

/** Counts what can be fed and fetched: a graph for more adapters has at least as much. */
function size({ targets, heads, hidden, tokens }: Attached): number {
  return targets.reduce(
    (sum, { inputs }) => sum + Object.keys(inputs).length,
    heads.length + [hidden, tokens].filter((one) => one !== undefined).length,
  );
}

function outputOf(attached: Attached, { adapter }: FittedAdapter): string {
  const { head } = adapter.manifest.task;
  const form = head === undefined ? undefined : headForm(head);
  if (adapter.manifest.task.type === "causal-language-modelling") return attached.tokens ?? "";
  return attached.heads.find((one) => one.form === form)?.output ?? attached.hidden ?? "";
}

/** What the graph's inputs are for one adapter: rank 0 and factors of one where it has no target, the smallest tensors for heads it has not. */
export async function attachedFeeds(attached: Attached, { adapter, matches }: FittedAdapter, weights: Base["weights"]): Promise<Feeds> {
  const feeds: Record<string, TensorValue> = {};
  const bySite = new Map(matches.map((match) => [match.uses[0].output, match]));
  for (const one of attached.targets) {
    const match = bySite.get(one.site);
    const values = match === undefined ? {} : await slotValues(match, { adapter, weights });
    for (const [slot, input] of Object.entries(one.inputs) as [AttachSlot, string][]) feeds[input] = slotFeed(one, slot, { match, values });
  }
  const { head } = adapter.manifest.task;
  const shapes = new Map(adapter.manifest.tensors.map(({ key, shape }) => [key, shape]));
  for (const key of attached.added) feeds[key] = floatValue(shapes.get(key) ?? [], await adapter.values(key));
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

/** What an adapter feeds beside one of its targets. */
async function slotValues(
  { target, uses }: TargetMatch,
  { adapter, weights }: { adapter: FittedAdapter["adapter"]; weights: Base["weights"] },
): Promise<Partial<Record<AttachSlot, Float32Array>>> {
  const values = await targetValues(adapter.manifest, target, (key) => adapter.values(key));
  const method = methodNamed(adapter.manifest.method.name);
  return (await method?.attachment?.values(target, values, () => targetWeight(uses[0], weights))) ?? {};
}

function slotFeed(
  one: AttachedTarget,
  slot: AttachSlot,
  { match, values }: { match: TargetMatch | undefined; values: Partial<Record<AttachSlot, Float32Array>> },
): TensorValue {
  const own = values[slot];
  if (own !== undefined) return floatValue(slotShape(one.layer, slot, match?.target.rank ?? 0), own);
  const neutral = neutralSlot(one, slot);
  return floatValue(neutral.shape, neutral.values);
}
