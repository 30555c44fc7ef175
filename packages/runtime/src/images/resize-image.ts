import type { Image } from "./image.ts";

/** How pixels are made of others. */
export type Resample = "nearest" | "bilinear" | "bicubic" | "lanczos";

/** Weights by distance in pixels, and how far they reach. */
const FILTERS: Readonly<Record<Exclude<Resample, "nearest">, { readonly reach: number; readonly weight: (x: number) => number }>> = {
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { reach: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};
/** Weights are whole numbers of so many bits, as Pillow has them: 32 less 8 of a byte and 2 of a sum. */
const ONE = 2 ** 22;

/** An image in another size, byte for byte as Pillow resizes it: filters that widen as an image shrinks, first in the direction that leaves fewer pixels. */
export function resizeImage(
  image: Image,
  options: { readonly width: number; readonly height: number; readonly resample: Resample },
): Image {
  const { width, height, resample } = options;
  if (resample === "nearest") return nearest(image, { width, height });
  const across = (one: Image): Image => (one.width === width ? one : resizeRows(one, width, resample));
  const down = (one: Image): Image => (one.height === height ? one : turned(resizeRows(turned(one), height, resample)));
  return image.width * height < width * image.height ? across(down(image)) : down(across(image));
}

/** Resizes each row. */
function resizeRows(image: Image, width: number, resample: Exclude<Resample, "nearest">): Image {
  const { height, channels } = image;
  const columns = weightsOf(image.width, width, resample);
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    for (const [column, { begin, weights }] of columns.entries()) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = ONE / 2;
        for (const [index, weight] of weights.entries())
          sum += weight * (image.data[(row * image.width + begin + index) * channels + channel] ?? 0);
        data[(row * width + column) * channels + channel] = Math.min(255, Math.max(0, Math.floor(sum / ONE)));
      }
    }
  }
  return { width, height, channels, data };
}

/** Which pixels make a new one, and how much of each. */
function weightsOf(from: number, to: number, resample: Exclude<Resample, "nearest">): { begin: number; weights: number[] }[] {
  const { reach, weight } = FILTERS[resample];
  const scale = from / to;
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, index) => {
    const centre = (index + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - reach * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach * stretch + 0.5));
    const raw = Array.from({ length: end - begin }, (__, at) => weight((begin + at - centre + 0.5) / stretch));
    const sum = raw.reduce((total, one) => total + one, 0);
    return { begin, weights: raw.map((one) => Math.trunc((one / sum) * ONE + (one < 0 ? -0.5 : 0.5))) };
  });
}

function nearest(image: Image, { width, height }: { width: number; height: number }): Image {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const source = Math.floor(((row + 0.5) * image.height) / height);
    for (let column = 0; column < width; column++) {
      const at = (source * image.width + Math.floor(((column + 0.5) * image.width) / width)) * channels;
      data.set(image.data.subarray(at, at + channels), (row * width + column) * channels);
    }
  }
  return { width, height, channels, data };
}

/** Rows as columns. */
function turned({ width, height, channels, data }: Image): Image {
  const result = new Uint8Array(data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * channels;
      result.set(data.subarray(at, at + channels), (column * height + row) * channels);
    }
  }
  return { width: height, height: width, channels, data: result };
}

/** Keys' cubic convolution with a = −0.5. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
