import { GraftError, isGraftError } from "@graft/error";
import { dataTypeName, externalLocation, matrices, type ModelProto, tensorDims, type Weights } from "@graft/onnx";
import type { Base } from "./base.ts";
import type { Config } from "./config.ts";
import { FAMILIES } from "./families.ts";
import type { Architecture, Family } from "./family.ts";
import { graphImage } from "./graph-image.ts";
import { imageInput } from "./image-input.ts";

/** What encoders of the BERT generation take, for a graph that does not say. */
const USUAL_LENGTH = 512;

/** A graph as a base without a place: what config.json says of it, else what the graph tells. `name` is for messages. ONNX_UNSUPPORTED. */
export function onnxBase(
  name: string,
  {
    model,
    weights,
    config,
    preprocessor,
  }: { model: ModelProto; weights: Weights; config?: Config | undefined; preprocessor?: Config | undefined },
): Omit<Base, "name" | "revision" | "folder" | "files" | "tokenizerFile"> {
  const family = Object.values(FAMILIES).find(({ modelTypes }) => modelTypes.some((type) => type === config?.["model_type"]));
  const told = family === undefined || config === undefined ? undefined : architecture(family, config);
  if (told !== undefined) checkWhole(name, { model, family, config });
  const image = told?.image ?? graphImage(model)?.size;
  const vocabSize = told?.vocabSize ?? size(config, "vocab_size") ?? rows(model, "word_embeddings");
  return {
    model,
    weights,
    kind: "onnx",
    ...(config === undefined ? {} : { config }),
    ...(family === undefined ? {} : { family: family.name }),
    hiddenSize: told?.hiddenSize ?? size(config, "hidden_size") ?? size(config, "n_embd") ?? outputWidth(model) ?? 0,
    maxLength:
      told?.maxLength ??
      size(config, "max_position_embeddings") ??
      size(config, "n_positions") ??
      rows(model, "position_embeddings") ??
      USUAL_LENGTH,
    ...(vocabSize === undefined ? {} : { vocabSize }),
    ...(image === undefined ? {} : { image: imageInput(image, preprocessor) }),
  };
}

/** ONNX_UNSUPPORTED when an optimiser took something out of a graph that adapters have to reach. */
function checkWhole(
  path: string,
  { model, family, config }: { model: ModelProto; family: Family | undefined; config: Config | undefined },
): void {
  const all = matrices(model);
  const uses = (module: string): number => all.filter((matrix) => matrix.module === module).length;
  const reason = config === undefined ? undefined : family?.lost?.(config, uses);
  if (reason === undefined) return;
  throw new GraftError("ONNX_UNSUPPORTED", `Cannot open the base "${path}": ${reason}`, {
    hint: "Take the file as it was before it was optimised, or the checkpoint folder",
  });
}

/** What config.json says of a family; nothing where it has a switch that only a graph of our own would have to know. */
function architecture(family: Family, config: Config): Architecture | undefined {
  try {
    return family.read(config);
  } catch (cause) {
    if (isGraftError(cause)) return undefined;
    throw cause;
  }
}

function size(config: Config | undefined, key: string): number | undefined {
  const value = config?.[key];
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** Last dimension of the first output [batch, sequence, hidden]. */
function outputWidth(model: ModelProto): number | undefined {
  for (const { type } of model.graph?.output ?? []) {
    if (type?.value.case !== "tensorType" || !dataTypeName(type.value.value.elemType).includes("float")) continue;
    const dims = type.value.value.shape?.dim ?? [];
    const last = dims.at(-1)?.value;
    if (dims.length === 3 && last?.case === "dimValue") return Number(last.value);
  }
  return undefined;
}

/** Rows of a table, which exporters leave its name. */
function rows(model: ModelProto, name: string): number | undefined {
  const table = model.graph?.initializer.find(
    (tensor) =>
      tensor.name.includes(name) && tensor.dims.length === 2 && (tensor.rawData.length > 0 || externalLocation(tensor) !== undefined),
  );
  return table === undefined ? undefined : tensorDims(table)[0];
}
