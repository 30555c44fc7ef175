import { GraftError } from "@graft/error";
import {
  checkHeader,
  type Dtype,
  openSafetensors,
  type SafetensorsFile,
  type ByteSource,
  bytesSource,
  ADAPTER_LIMITS,
} from "@graft/safetensors";
import { KEY_PREFIX } from "../keys.ts";
import { type PeftConfigFile, readPeftConfig } from "./peft-config-file.ts";

/** What PEFT stores for a module, by what it is for. */
export type PeftPart =
  | "lora_A"
  | "lora_B"
  | "lora_bias"
  | "magnitude"
  | "vector"
  | "tokens"
  /** The base's own tensors, or ones trained in their place. */
  | "weight"
  | "bias";

/** One tensor of a PEFT file. */
export interface PeftTensor {
  readonly key: string;
  readonly module: string;
  readonly part: PeftPart;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Whether PEFT keeps it inside the layer it adapts (`base_layer`). */
  readonly inner: boolean;
}

/** An adapter as PEFT stores it: its configuration, and its tensors by what they are for. */
export interface PeftFile {
  readonly config: PeftConfigFile;
  readonly tensors: readonly PeftTensor[];
  readonly file: SafetensorsFile;
}

const SUFFIXES: readonly (readonly [suffix: RegExp, part: PeftPart])[] = [
  [/\.lora_A\.weight$/, "lora_A"],
  [/\.lora_B\.weight$/, "lora_B"],
  [/\.lora_B\.bias$/, "lora_bias"],
  [/\.lora_embedding_A$/, "lora_A"],
  [/\.lora_embedding_B$/, "lora_B"],
  [/\.lora_magnitude_vector$/, "magnitude"],
  [/\.ia3_l$/, "vector"],
  [/\.token_adapter\.trainable_tokens_delta$/, "tokens"],
  [/\.weight$/, "weight"],
  [/\.bias$/, "bias"],
];

const FLOATS: ReadonlySet<Dtype> = new Set(["F32", "F16", "BF16"]);

/** Opens a PEFT adapter; nothing but its header is read. CONVERT_INVALID, CONVERT_UNSUPPORTED, SAFETENSORS_INVALID, LIMIT_EXCEEDED. */
export async function openPeft(config: string, weights: ByteSource | Uint8Array): Promise<PeftFile> {
  const parsed = readPeftConfig(config);
  const file = await openSafetensors(weights instanceof Uint8Array ? bytesSource(weights) : weights, {
    headerBytes: ADAPTER_LIMITS.headerBytes,
  });
  try {
    const [finding] = checkHeader(file.header);
    if (finding !== undefined) throw invalid(finding.message);
    const tensors = Array.from(file.header.tensors.values(), readKey).filter((tensor) => tensor !== undefined);
    if (tensors.length === 0) throw invalid("it has no tensors");
    return { config: parsed, tensors, file };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** What a key is for; undefined for the copies of a layer's first state that `bias: "all"` brings along. */
function readKey({ name, dtype, shape }: { name: string; dtype: Dtype; shape: readonly number[] }): PeftTensor | undefined {
  if (!name.startsWith(KEY_PREFIX)) throw invalid(`the tensor "${name}" does not start with "${KEY_PREFIX}"`);
  if (!FLOATS.has(dtype)) throw invalid(`the tensor "${name}" is ${dtype}, want one of ${[...FLOATS].join(", ")}`);
  const path = name.slice(KEY_PREFIX.length);
  if (path.includes(".original_module.")) return undefined;
  const found = SUFFIXES.find(([suffix]) => suffix.test(path));
  if (found === undefined) {
    throw new GraftError("CONVERT_UNSUPPORTED", `Cannot import the adapter: Graft does not know what the tensor "${name}" is for`, {
      hint: "Merge the adapter with PEFT and take the merged model as a base of its own",
      detail: { key: name },
    });
  }
  const [suffix, part] = found;
  const outer = path.replace(suffix, "");
  const inner = outer.endsWith(".base_layer");
  const module = (inner ? outer.slice(0, -".base_layer".length) : outer).replace(/\.modules_to_save$/, "");
  if (module.split(".").includes("base_layer") || (inner && part !== "weight" && part !== "bias")) {
    throw new GraftError("CONVERT_UNSUPPORTED", `Cannot import the adapter: "${name}" adapts two parameters of one module`, {
      hint: "Target one parameter of each module",
      detail: { key: name },
    });
  }
  return { key: name, module, part, shape, dtype, inner };
}

/** CONVERT_INVALID about the file with the tensors. */
function invalid(why: string): GraftError {
  return new GraftError("CONVERT_INVALID", `Cannot import the adapter: ${why}`, {
    hint: "Check that it was written by PEFT and not cut off",
  });
}
