import type { Base } from "@graft/architectures";
import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { ModelProto } from "@graft/onnx";
import type { SessionOptions, Tokenizer } from "@graft/runtime";
import type { AdapterInput, ReadFile, Resolve } from "./adapter-input.ts";
import { AttachEngine } from "./attach-engine.ts";
import type { OpenSession } from "./engine.ts";
import { BaseIdentity, type IdentityMemory } from "./base-identity.ts";
import type { OriginalsOf } from "./fit.ts";
import { LoadedModel } from "./loaded-model.ts";
import { MERGED_KEY, MergeEngine, type OpenMerged } from "./merge-engine.ts";
import type { WriteModel } from "./written-model.ts";

/** What a model is put together from, and what Node and a page each have in their own way. */
export interface ModelSources {
  readonly adapters: readonly AdapterInput[];
  readonly mode?: "merge" | "attach" | undefined;
  /** The base's graph, its weights in its files. */
  readonly model: ModelProto;
  readonly tokenizer?: Tokenizer | undefined;
  readonly tokenizerDigest?: string | undefined;
  readonly allowMismatch?: boolean | undefined;
  readonly allowMerged?: boolean | undefined;
  readonly allowLossy?: boolean | undefined;
  readonly resolve?: Resolve | undefined;
  readonly read: ReadFile;
  readonly hashFile: (path: string) => Promise<Digest>;
  readonly memory?: IdentityMemory | undefined;
  readonly originalsOf?: OriginalsOf | undefined;
  readonly openMerged?: OpenMerged | undefined;
  readonly write?: WriteModel | undefined;
  readonly openSession: OpenSession;
  readonly session: SessionOptions;
}

/** Puts a base, opened by whoever calls, together with adapters. Codes of opening them, BASE_MISMATCH, MERGED_BASE, GOLDEN_MISMATCH. */
export async function assembleModel(base: Base, sources: ModelSources): Promise<LoadedModel> {
  const { adapters, mode = "attach", allowMerged = false, allowMismatch = false, hashFile, memory, openMerged, ...rest } = sources;
  const merged = base.model.metadataProps.find(({ key }) => key === MERGED_KEY)?.value;
  if (merged !== undefined && !allowMerged) {
    throw new GraftError("MERGED_BASE", `Cannot load on "${base.name}": the adapter ${merged} is merged into it`, {
      hint: "Use the base without the adapter, or allow merged bases",
      detail: { merged },
    });
  }
  const { model: graph, openSession, session } = sources;
  const parts = { model: graph, openSession, session };
  const model = new LoadedModel({
    tokenizer: undefined,
    tokenizerDigest: undefined,
    resolve: undefined,
    ...rest,
    mode,
    base,
    allowMismatch,
    identity: new BaseIdentity(base, { hashFile, memory }),
    engine:
      mode === "merge"
        ? new MergeEngine(base, { ...parts, openMerged, allowLossy: sources.allowLossy })
        : new AttachEngine({ base, ...parts }),
  });
  try {
    for (const adapter of adapters) await model.add(adapter);
    await model.open();
    return model;
  } catch (cause) {
    await model.close();
    throw cause;
  }
}
