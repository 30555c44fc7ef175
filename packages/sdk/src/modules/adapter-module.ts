import type { Prediction, Row, RunRowsOptions } from "@graft/loader";

/** What `import topics from "graft:@acme/topics"` gives: an adapter of the app, on the app's base. `Label` is what it may answer. */
export interface AdapterModule<Label extends string = string> {
  readonly name: string;
  readonly version: string;
  /** sha256 of the adapter's file. */
  readonly digest: string;
  /** In the order of the scores; none where the task has no labels. */
  readonly labels: readonly Label[];
  /** Runs rows; the first run loads the base, which all adapters of the app share. */
  run(rows: readonly Row[]): Promise<(Prediction & { readonly label?: Label })[]>;
  /** Ends the model, for all adapters of the app; the next run loads it again. */
  close(): Promise<void>;
}

/** A model that several adapters of an app share. */
interface SharedModel {
  run(rows: readonly Row[], options: RunRowsOptions): Promise<Prediction[]>;
  close(): Promise<void>;
}

const shared = new Map<string, Promise<SharedModel>>();

/** A module's adapter on a model that is loaded at the first run, once for everybody who names the same `key`. */
export function adapterModule(
  facts: Pick<AdapterModule, "name" | "version" | "digest" | "labels">,
  { key, open }: { readonly key: string; readonly open: () => Promise<SharedModel> },
): AdapterModule {
  return {
    ...facts,
    run: async (rows) => {
      const loading = shared.get(key) ?? open();
      shared.set(key, loading);
      // What failed once is tried again.
      const model = await loading.catch((cause: unknown) => {
        shared.delete(key);
        throw cause;
      });
      return model.run(rows, { adapter: facts.name });
    },
    close: async () => {
      const loading = shared.get(key);
      shared.delete(key);
      await (await loading)?.close();
    },
  };
}
