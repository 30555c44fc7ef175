import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { attachRows } from "@graft/methods";
import type { ModelProto } from "@graft/onnx";
import { type Feeds, intValue } from "@graft/runtime";
import { variantOf } from "./attach-variant.ts";
import type { FittedAdapter, RowAdapter } from "./engine.ts";
import { mergeFitted } from "./merge-engine.ts";
import { prepareAdapter, rowFeeds } from "./row-feeds.ts";

/** A decoder's graph with adapters, and the inputs that stand for each of them. */
export interface GeneratorGraph {
  readonly model: ModelProto;
  /** Of an adapter, or of none. USAGE where there is no such thing in this graph. */
  feeds(adapter: RowAdapter): Feeds;
}

/** Puts adapters on a decoder: one merged, or any number that change its graph alike as inputs. USAGE. */
export async function generatorGraph(
  base: Base,
  options: { model: ModelProto; mode: "merge" | "attach"; fitted: readonly FittedAdapter[]; allowLossy?: boolean | undefined },
): Promise<GeneratorGraph> {
  const { model, mode, fitted, allowLossy } = options;
  const [first] = fitted;
  if (first === undefined) return { model, feeds: () => ({}) };
  if (mode === "merge") {
    if (fitted.length > 1)
      throw new GraftError("USAGE", "Cannot merge several adapters into one generator: its weights are one adapter's", {
        hint: 'Load them with mode "attach"',
      });
    const merged = await mergeFitted(base, { model, fitted: first, allowLossy });
    return {
      model: merged.model,
      feeds(adapter) {
        if (adapter === first) return {};
        throw new GraftError("USAGE", `Cannot generate without "${first.name}": it is merged`, { hint: 'Load it with mode "attach"' });
      },
    };
  }
  const forms = new Set(fitted.map(({ adapter }) => variantOf(adapter.manifest)));
  if (forms.size > 1)
    throw new GraftError("USAGE", "Cannot attach the adapters to one generator: some of them change its graph, and not in the same way", {
      hint: "Load a generator for each kind",
    });
  const attached = attachRows(
    { model, hiddenSize: base.hiddenSize },
    fitted.map(({ adapter, matches }) => ({ manifest: adapter.manifest, matches })),
  );
  const prepared = new Map(await Promise.all(fitted.map(async (one) => [one, await prepareAdapter(one, base.weights)] as const)));
  const takesRows = attached.model.graph?.input.some(({ name }) => name === attached.rows) === true;
  return {
    model: attached.model,
    feeds(adapter) {
      if (adapter === undefined && attached.whole.length > 0)
        throw new GraftError("USAGE", "Cannot generate without an adapter: its tensors stand in the place of the base's", {
          hint: "Load a generator without one",
        });
      const own = adapter === undefined ? undefined : prepared.get(adapter);
      return { ...rowFeeds(attached, [own]), ...(takesRows ? { [attached.rows]: intValue([1], [0]) } : {}) };
    },
  };
}
