import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { mergeAdapter, type Merged } from "@graft/methods";
import { encodeModel, type ModelProto } from "@graft/onnx";
import type { Feeds, Session, SessionOptions, TensorValue } from "@graft/runtime";
import { type Engine, feedsFor, type FittedAdapter, type OpenSession } from "./engine.ts";

/** What the adapter's digest is called in the metadata of a merged model. */
export const MERGED_KEY = "graft.merged";

/** Merges an adapter and writes into the model whose it is. The base's weights stay where they are. */
export async function mergeFitted(
  base: Pick<Base, "weights">,
  options: { readonly model: ModelProto; readonly fitted: FittedAdapter },
): Promise<Merged> {
  const { model, fitted } = options;
  const { adapter, matches } = fitted;
  const merged = await mergeAdapter(
    { model, weights: base.weights },
    { manifest: adapter.manifest, matches, values: (key) => adapter.values(key) },
  );
  merged.model.metadataProps = merged.model.metadataProps.filter(({ key }) => key !== MERGED_KEY);
  merged.model.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", key: MERGED_KEY, value: adapter.digest });
  return merged;
}

/** Opens the graph into which an adapter was merged before, given its digest; undefined where there is none. */
export type OpenMerged = (digest: string) => Promise<{ readonly model: ModelProto; readonly folder: string } | undefined>;

/** One session for each adapter, whose weights are merged. */
export class MergeEngine implements Engine {
  readonly #base: Base;
  readonly #model: ModelProto;
  readonly #open: (model: Uint8Array, folder: string) => Promise<Session>;
  readonly #openMerged: OpenMerged;
  readonly #sessions = new Map<FittedAdapter, { session: Session; output: string }>();

  constructor(
    base: Base,
    options: { model: ModelProto; openSession: OpenSession; session: SessionOptions; openMerged?: OpenMerged | undefined },
  ) {
    const { model, openSession, session, openMerged = async () => undefined } = options;
    this.#base = base;
    this.#model = model;
    this.#open = (bytes, folder) => openSession(bytes, { folder, ...session });
    this.#openMerged = openMerged;
  }

  async add(fitted: FittedAdapter): Promise<void> {
    const before = await this.#openMerged(fitted.adapter.digest);
    if (before !== undefined) {
      const session = await this.#open(encodeModel(before.model), before.folder);
      this.#sessions.set(fitted, { session, output: session.outputNames[0] ?? "" });
      return;
    }
    const { model, output } = await mergeFitted(this.#base, { model: this.#model, fitted });
    this.#sessions.set(fitted, { session: await this.#open(encodeModel(model), this.#base.folder), output });
  }

  async run(feeds: Feeds, fitted: FittedAdapter): Promise<TensorValue> {
    const entry = this.#sessions.get(fitted);
    if (entry === undefined) throw new GraftError("USAGE", `Cannot run with "${fitted.name}": it was not added`);
    const { session, output } = entry;
    const outputs = await session.run(feedsFor(session, feeds), { fetches: [output] });
    return outputs[output] as TensorValue;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ session }) => session.close()));
  }
}
