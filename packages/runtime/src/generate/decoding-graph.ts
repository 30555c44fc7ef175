import { GraftError } from "@graft/error";
import { cloneModel, dataTypeName, GraphBuilder, type ModelProto, replaceUses, type ValueInfoProto } from "@graft/onnx";
import type { ElementType } from "../tensor-value.ts";
import { CACHE_ROWS, type CacheInput } from "./decoder.ts";

/** A decoder's graph made ready for generating, what its session carries, and where its logits are. */
export interface DecodingGraph {
  readonly model: ModelProto;
  readonly logits: string;
  readonly cache: readonly CacheInput[];
  /** Output → the input that it is in the next run. */
  readonly carry: Readonly<Record<string, string>>;
}

const PAST = /^past_key_values\.(\d+)\.(key|value)$/;

/**
 * Makes a decoder's graph ready: one that was exported with a cache, or a checkpoint's that was built with one, gets an input
 * that says which rows of the cache go on. ONNX_UNSUPPORTED where there are no logits, or a cache that cannot be fed.
 */
export function decodingGraph(base: ModelProto): DecodingGraph {
  const logits = logitsOutput(base);
  const inputs = base.graph?.input.map(({ name }) => name) ?? [];
  if (inputs.includes("use_cache_branch")) {
    throw new GraftError("ONNX_UNSUPPORTED", "Cannot generate: the graph chooses by use_cache_branch whether it uses its cache", {
      hint: "Take the export with past, or without, instead of the merged one",
    });
  }
  const cache = (base.graph?.input ?? []).flatMap((input) => cacheInput(input, base));
  if (cache.length === 0) return { model: base, logits, cache, carry: {} };
  const model = cloneModel(base);
  const builder = new GraphBuilder(model);
  const rows = builder.input(CACHE_ROWS, "int64", ["batch"]);
  const count = builder.graph.node.length;
  for (const { past } of cache) {
    const picked = builder.unique(`${past}.rows`);
    replaceUses(builder.graph, past, picked);
    builder.op("Gather", [past, rows], { name: `/cache/${past}/Gather`, attributes: { axis: 0 }, outputs: [picked] });
  }
  builder.graph.node.unshift(...builder.graph.node.splice(count));
  return { model, logits, cache, carry: Object.fromEntries(cache.map(({ past, present }) => [present, past])) };
}

/** Name of the output that holds logits over the vocabulary, [batch, sequence, vocabulary]. ONNX_UNSUPPORTED. */
export function logitsOutput(model: ModelProto): string {
  const outputs = model.graph?.output ?? [];
  if (outputs.some(({ name }) => name === "logits")) return "logits";
  throw new GraftError(
    "ONNX_UNSUPPORTED",
    `Cannot generate: the model has no output "logits" but ${outputs
      .slice(0, 8)
      .map(({ name }) => `"${name}"`)
      .join(", ")}`,
    { hint: "Take a decoder with its language head: a checkpoint of GPT-2 or Llama, or an export for text generation" },
  );
}

function cacheInput(input: ValueInfoProto, model: ModelProto): CacheInput[] {
  const [, layer, part] = PAST.exec(input.name) ?? [];
  if (layer === undefined || part === undefined) return [];
  const type = input.type?.value.case === "tensorType" ? input.type.value.value : undefined;
  const dims = type?.shape?.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : undefined)) ?? [];
  const present = `present.${layer}.${part}`;
  const [, heads, , headSize] = dims;
  const element = dataTypeName(type?.elemType ?? 0);
  const broken = (why: string): never => {
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot generate: the cache's input "${input.name}" ${why}`, {
      hint: "Export the model again, with or without a cache",
    });
  };
  if (dims.length !== 4 || heads === undefined || headSize === undefined)
    return broken("does not say how many heads it has, and how large");
  if (element !== "float32" && element !== "float16") return broken(`is ${element}, want float32 or float16`);
  if (model.graph?.output.some(({ name }) => name === present) !== true) return broken(`has no output "${present}"`);
  return [{ past: input.name, present, type: element satisfies ElementType, heads, headSize }];
}
