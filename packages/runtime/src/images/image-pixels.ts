import { floatValue, type TensorValue } from "../tensor-value.ts";
import { decodeImage } from "./decode-image.ts";
import { type Resample, resizeImage } from "./resize-image.ts";

/** What a model takes of an image: its size, and what becomes of each byte: (byte · scale − mean) / deviation by channel. */
export interface PixelOptions {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly resample: Resample;
}

/** The bytes of a file as bytes of a model's size, [height, width, channels]. DATA_INVALID. */
export function imageBytes(file: Uint8Array, options: PixelOptions): Uint8Array {
  const { data } = resizeImage(decodeImage(file), options);
  if (options.channels === 3) return data;
  // Pillow's luminance, ITU-R 601-2.
  return Uint8Array.from(
    { length: data.length / 3 },
    (_, at) => ((data[3 * at] ?? 0) * 19595 + (data[3 * at + 1] ?? 0) * 38470 + (data[3 * at + 2] ?? 0) * 7471 + 0x8000) >> 16,
  );
}

/** Images of a model's size as its input, float32 [batch, channels, height, width]. */
export function imageBatch(images: readonly Uint8Array[], options: PixelOptions): TensorValue {
  const { channels, height, width, scale, mean, deviation } = options;
  const size = height * width;
  const values = new Float32Array(images.length * channels * size);
  for (const [image, bytes] of images.entries()) {
    for (let channel = 0; channel < channels; channel++) {
      const [shift, spread] = [mean[channel] ?? 0, deviation[channel] ?? 1];
      const begin = (image * channels + channel) * size;
      for (let at = 0; at < size; at++) values[begin + at] = ((bytes[at * channels + channel] ?? 0) * scale - shift) / spread;
    }
  }
  return floatValue([images.length, channels, height, width], values);
}
