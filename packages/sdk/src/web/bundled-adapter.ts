import { type AdapterModule, adapterModule } from "../modules/adapter-module.ts";
import { load } from "./page-model.ts";

/** An adapter of a bundle at an address, as a module of a page; all adapters of the bundle share one model. */
export function bundledAdapter(address: string, facts: Pick<AdapterModule, "name" | "version" | "digest" | "labels">): AdapterModule {
  return adapterModule(facts, { key: address, open: () => load(address) });
}
