import type { Base } from "@graft/architectures";
import {
  type AttachedRows,
  type AttachSlot,
  type DenseValues,
  headForm,
  methodNamed,
  type SlotEntry,
  stackDense,
  stackSlot,
  targetValues,
  targetWeight,
  transposed,
  turnSlot,
} from "@graft/methods";
import { type Feeds, floatValue, intValue, type TensorValue } from "@graft/runtime";
import type { FittedAdapter, RowAdapter } from "./engine.ts";

/** An adapter's values as inputs of a graph want them: by the first value that a target gives, and by slot. */
export interface PreparedAdapter {
  readonly slots: ReadonlyMap<string, Partial<Record<AttachSlot, SlotEntry>>>;
  readonly form: string | undefined;
  readonly layers: readonly DenseValues[];
  readonly whole: Feeds;
}

/** Reads an adapter once, and lays its values for any graph that takes it. */
export async function prepareAdapter({ adapter, matches }: FittedAdapter, weights: Base["weights"]): Promise<PreparedAdapter> {
  const { method, task, tensors } = adapter.manifest;
  const slots = new Map<string, Partial<Record<AttachSlot, SlotEntry>>>();
  const attachment = methodNamed(method.name)?.attachment;
  for (const { target, uses } of matches) {
    const own = await targetValues(adapter.manifest, target, (key) => adapter.values(key));
    const given = (await attachment?.values(target, own, () => targetWeight(uses[0], weights))) ?? {};
    const rank = target.rank ?? 0;
    const entries = Object.entries(given).map(([slot, values]) => [
      slot,
      { rank, values: turnSlot(target, slot as AttachSlot, { rank, values }) },
    ]);
    slots.set(uses[0].output, Object.fromEntries(entries));
  }
  const shapes = new Map(tensors.map(({ key, shape }) => [key, shape]));
  const layers: DenseValues[] = [];
  for (const { weight, bias } of task.head?.layers ?? []) {
    const [out = 0, columns = 0] = shapes.get(weight) ?? [];
    layers.push({
      in: columns,
      out,
      weight: transposed(await adapter.values(weight), { rows: out, columns }),
      bias: bias === undefined ? undefined : await adapter.values(bias),
    });
  }
  const whole: Record<string, TensorValue> = {};
  for (const { key, shape, role } of tensors) if (role !== "head") whole[key] = floatValue(shape, await adapter.values(key));
  return { slots, form: task.head === undefined ? undefined : headForm(task.head), layers, whole };
}

/** What the adapters' inputs of a graph are for some adapters, stacked in their order; `undefined` stands for none. */
export function rowFeeds(attached: AttachedRows, adapters: readonly (PreparedAdapter | undefined)[]): Feeds {
  const feeds: Record<string, TensorValue> = { ...adapters[0]?.whole };
  for (const { layer, site, inputs } of attached.targets) {
    const own = adapters.map((adapter) => adapter?.slots.get(site));
    for (const [slot, input] of Object.entries(inputs) as [AttachSlot, string][]) {
      const { dims, values } = stackSlot(
        layer,
        slot,
        own.map((entry) => entry?.[slot] ?? { rank: 0, values: undefined }),
      );
      feeds[input] = floatValue(dims, values);
    }
  }
  for (const { form, layers, width } of attached.heads) {
    for (const [index, { weight, bias }] of layers.entries()) {
      const stacked = stackDense(
        adapters.map((adapter) => (adapter?.form === form ? adapter.layers[index] : undefined)),
        index === 0 ? width : undefined,
      );
      feeds[weight] = floatValue([adapters.length, stacked.in, stacked.out], stacked.weight);
      if (bias !== undefined) feeds[bias] = floatValue([adapters.length, 1, stacked.out], stacked.bias);
    }
  }
  return feeds;
}

/** Which of the stacked adapters each row uses; one number where all use the same. */
export function rowIndex(rows: readonly RowAdapter[], stack: readonly RowAdapter[]): TensorValue {
  if (stack.length === 1) return intValue([1], [0]);
  return intValue(
    [rows.length],
    rows.map((row) => stack.indexOf(row)),
  );
}
