import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ArgsDef } from "citty";
import { load, type LoadedModel, loadGenerator, type LoadOptions, type TextGenerator } from "@graft/sdk";
import { numberArgument } from "./command.ts";
import { locateBase } from "./local-bases.ts";
import { REGISTRY_ARGS } from "./registry-options.ts";

/** Options of every command that loads a base with an adapter. */
export const MODEL_ARGS = {
  ...REGISTRY_ARGS,
  base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
  adapter: { type: "string", description: "File, or @scope/name@range of a registry", required: true, valueHint: "adapter" },
  tokenizer: { type: "string", description: "tokenizer.json to use in place of the base's own", valueHint: "file" },
  "allow-mismatch": { type: "boolean", description: "Load an adapter that was trained on other weights" },
  threads: { type: "string", description: "Threads; all cores when left out", valueHint: "number" },
  device: { type: "enum", description: "Where to compute", options: ["cpu", "webgpu", "cuda", "auto"], default: "cpu" },
} as const satisfies ArgsDef;

/** How an adapter is loaded. */
type Mode = "attach" | "merge";

/** The option that says how; left out, it is attached. */
export const MODE_ARGS = {
  mode: { type: "enum", description: "How the adapter is loaded; attached when left out", options: ["attach", "merge"] },
} as const satisfies ArgsDef;

/** What MODEL_ARGS parse to. */
export interface ModelArguments {
  readonly base: string;
  readonly adapter: string;
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenizer?: string | undefined;
  readonly threads?: string | undefined;
  readonly device: string;
  readonly "allow-mismatch"?: boolean | undefined;
}

/** Loads what the arguments name. Codes of `load`. */
export async function loadModel(
  args: ModelArguments,
  options: { readonly mode: Mode | undefined; readonly signal: AbortSignal },
): Promise<LoadedModel> {
  const [base, adapter] = [await locateBase(args.base), await locateAdapter(args.adapter)];
  return load(base, { signal: options.signal, mode: options.mode ?? "attach", adapters: [adapter], ...placement(args) });
}

function placement(
  args: Omit<ModelArguments, "adapter">,
): Pick<LoadOptions, "device" | "allowMismatch" | "threads" | "tokenizer" | "registry" | "token"> {
  const threads = numberArgument(args.threads, "threads", { least: 1, whole: true });
  return {
    device: args.device as NonNullable<LoadOptions["device"]>,
    allowMismatch: args["allow-mismatch"] === true,
    ...(threads === undefined ? {} : { threads }),
    ...(args.tokenizer === undefined ? {} : { tokenizer: args.tokenizer }),
    ...(args.registry === undefined ? {} : { registry: args.registry }),
    ...(args.token === undefined ? {} : { token: args.token }),
  };
}

/** A decoder, with an adapter or alone. Codes of `loadGenerator`. */
export async function loadTextGenerator(
  args: Omit<ModelArguments, "adapter"> & { readonly adapter?: string | undefined },
  options: { readonly mode: Mode | undefined; readonly signal: AbortSignal },
): Promise<TextGenerator> {
  const base = await locateBase(args.base);
  const adapter = args.adapter === undefined ? {} : { adapter: await locateAdapter(args.adapter) };
  return loadGenerator(base, { signal: options.signal, mode: options.mode ?? "attach", ...adapter, ...placement(args) });
}

/** A file that is there is meant, even where its path begins with "@" as names do. */
async function locateAdapter(adapter: string): Promise<string> {
  if (!adapter.startsWith("@")) return adapter;
  return stat(adapter).then(
    () => resolve(adapter),
    () => adapter,
  );
}
