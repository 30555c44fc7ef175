import { GraftError } from "@graft/error";
import { decode as decodePng, type DecodedPng } from "fast-png";
import jpeg from "jpeg-js";
import type { Image } from "./image.ts";

/** Most pixels of an image: a hundred million take 300 MB as they are decoded. */
const MOST_PIXELS = 100_000_000;
/** Megabytes that decoding a JPEG may take. */
const MOST_MEGABYTES = 1024;

/** Decodes a PNG or a JPEG file to three channels; transparency is left out. DATA_INVALID for what is neither, damaged, or too large. */
export function decodeImage(bytes: Uint8Array): Image {
  const read = bytes[0] === 0x89 && bytes[1] === 0x50 ? decodePngImage : bytes[0] === 0xff && bytes[1] === 0xd8 ? decodeJpeg : undefined;
  if (read === undefined) throw invalid("it is neither a PNG nor a JPEG file");
  try {
    return read(bytes);
  } catch (cause) {
    throw invalid(`it is cut short or damaged: ${(cause as Error).message}`, cause);
  }
}

function decodeJpeg(bytes: Uint8Array): Image {
  const { width, height, data } = jpeg.decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: MOST_MEGABYTES,
  });
  return { width, height, channels: 3, data };
}

function decodePngImage(bytes: Uint8Array): Image {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The sizes stand at a fixed place, and are checked before anything is unpacked.
  if (bytes.length < 24 || header.getUint32(16) * header.getUint32(20) > MOST_PIXELS) throw new Error("its size is absurd");
  return threeChannels(decodePng(bytes));
}

function threeChannels({ width, height, data, depth, channels, palette }: DecodedPng): Image {
  const result = new Uint8Array(width * height * 3);
  const most = 2 ** depth - 1;
  const packed = depth < 8 ? Math.ceil((width * channels * depth) / 8) : 0;
  const sample = (row: number, index: number): number => {
    if (depth === 16) return (data[row * width * channels + index] ?? 0) >> 8;
    if (depth === 8) return data[row * width * channels + index] ?? 0;
    const bit = index * depth;
    return ((data[row * packed + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & most;
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 3;
      if (palette !== undefined) result.set((palette[sample(row, column)] ?? [0, 0, 0]).slice(0, 3), at);
      else {
        for (let channel = 0; channel < 3; channel++) {
          const value = sample(row, column * channels + (channels < 3 ? 0 : channel));
          result[at + channel] = depth < 8 ? Math.round((value * 255) / most) : value;
        }
      }
    }
  }
  return { width, height, channels: 3, data: result };
}

function invalid(why: string, cause?: unknown): GraftError {
  return new GraftError("DATA_INVALID", `Cannot read the image: ${why}`, { cause, hint: "Give a PNG or a JPEG file" });
}
