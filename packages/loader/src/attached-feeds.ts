import type { Base } from "@graft/architectures";
import {
  type Attached,
  type AttachedTarget,
  type AttachSlot,
  headForm,
  methodNamed,
  neutralSlot,
  slotShape,
  type TargetMatch,
  targetValues,
  targetWeight,
} from "@graft/methods";
import { type Feeds, floatValue, type TensorValue } from "@graft/runtime";
import type { FittedAdapter } from "./engine.ts";

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
