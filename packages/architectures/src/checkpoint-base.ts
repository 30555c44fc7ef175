import { modelWeights, type WeightSource } from "@graft/onnx";
import type { Header } from "@graft/safetensors";
import type { Base } from "./base.ts";
import { buildFromTensors } from "./build-checkpoint.ts";
import type { Config } from "./config.ts";
import { findFamily } from "./families.ts";
import type { BuildOptions } from "./family.ts";
import { imageInput } from "./image-input.ts";
import { storedTensors } from "./stored-tensor.ts";

/** The weight files of a checkpoint, wherever they are: in a folder, in a page's memory, behind a URL. */
export interface CheckpointSource extends BuildOptions {
  /** Each file's name beside the graph, and its header. */
  readonly files: readonly { readonly location: string; readonly header: Header }[];
  /** What preprocessor_config.json says, for models of images. */
  readonly preprocessor?: Config | undefined;
  readonly open: (location: string) => Promise<WeightSource>;
}

/** A checkpoint as a base without a place: its graph and weights, and what config.json says of it. ARCHITECTURE_UNSUPPORTED, BASE_INVALID. */
export function checkpointBase(
  config: Config,
  { files, open, preprocessor, ...options }: CheckpointSource,
): Omit<Base, "name" | "revision" | "folder" | "files" | "tokenizerFile"> {
  const family = findFamily(config);
  const { hiddenSize, maxLength, vocabSize, image } = family.read(config);
  const model = buildFromTensors(
    config,
    files.flatMap(({ location, header }) => storedTensors(header, { location })),
    options,
  );
  return {
    model,
    weights: modelWeights(model, open),
    kind: "checkpoint",
    config,
    family: family.name,
    hiddenSize,
    maxLength,
    ...(vocabSize === undefined ? {} : { vocabSize }),
    ...(image === undefined ? {} : { image: imageInput(image, preprocessor) }),
  };
}
