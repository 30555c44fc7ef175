import type { Config } from "./config.ts";
import { GraftError } from "@graft/error";

/** Size of the images a model takes, in pixels. */
export interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** How an image becomes `pixel_values` [channels, height, width]: resized, then (byte · scale − mean) / deviation for each channel. */
export interface ImageInput extends ImageSize {
  readonly scale: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** How it is resized. */
  readonly resample: "nearest" | "lanczos" | "bilinear" | "bicubic";
}

/** Names of Pillow's filters by the numbers that preprocessor_config.json has. */
const RESAMPLE = new Map<unknown, ImageInput["resample"]>([
  [0, "nearest"],
  [1, "lanczos"],
  [2, "bilinear"],
  [3, "bicubic"],
]);

/** What `ViTImageProcessor` does where preprocessor_config.json is silent. */
const USUAL = { scale: 1 / 255, mean: 0.5, deviation: 0.5, resample: 2 } as const;

/** How images are prepared for a model, by its preprocessor_config.json. BASE_INVALID names the setting that is wrong. */
export function imageInput(size: ImageSize, preprocessor: Config = {}): ImageInput {
  const normalised = preprocessor["do_normalize"] !== false;
  const perChannel = (key: string, fallback: number): number[] => {
    const value = preprocessor[key] ?? Array.from({ length: size.channels }, () => fallback);
    const list = typeof value === "number" ? Array.from({ length: size.channels }, () => value) : value;
    if (Array.isArray(list) && list.length === size.channels && list.every((entry) => typeof entry === "number" && Number.isFinite(entry)))
      return list as number[];
    throw wrong(key, value, `a number for each of ${size.channels} channels`);
  };
  const deviation = perChannel("image_std", USUAL.deviation);
  if (deviation.includes(0)) throw wrong("image_std", deviation, "no zero");
  const resample = RESAMPLE.get(preprocessor["resample"] ?? USUAL.resample);
  if (resample === undefined) throw wrong("resample", preprocessor["resample"], "0 nearest, 1 Lanczos, 2 bilinear or 3 bicubic");
  return {
    ...size,
    scale: preprocessor["do_rescale"] === false ? 1 : scale(preprocessor["rescale_factor"]),
    mean: normalised ? perChannel("image_mean", USUAL.mean) : deviation.map(() => 0),
    deviation: normalised ? deviation : deviation.map(() => 1),
    resample,
  };
}

function scale(value: unknown = USUAL.scale): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw wrong("rescale_factor", value, "a positive number");
}

function wrong(key: string, found: unknown, wanted: string): GraftError {
  return new GraftError(
    "BASE_INVALID",
    `Cannot prepare images: preprocessor_config.json has ${key} ${JSON.stringify(found)}, want ${wanted}`,
    {
      hint: "Take the preprocessor_config.json that belongs to the base",
      detail: { key, found },
    },
  );
}
