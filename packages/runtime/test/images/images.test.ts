import { imageBatch, imageBytes, type PixelOptions } from "@graft/runtime";
import { encode as encodePng } from "fast-png";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../../test/referee.ts";

const PLAIN: PixelOptions = {
  channels: 3,
  height: 6,
  width: 9,
  scale: 1 / 255,
  mean: [0.5, 0.4, 0.3],
  deviation: [0.5, 0.2, 0.3],
  resample: "bilinear",
};

/** A picture with edges and slopes. */
function picture(width: number, height: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    return (row * 37 + column * 11 + channel * 71 + (column > width / 2 ? 90 : 0)) % 256;
  });
}

describe("an image", () => {
  test("becomes a model's input, channel by channel", () => {
    const png = encodePng({ width: 2, height: 1, channels: 3, depth: 8, data: Uint8Array.of(255, 0, 0, 0, 255, 51) });
    const bytes = imageBytes(png, { ...PLAIN, width: 2, height: 1 });
    const { dims, data } = imageBatch([bytes], { ...PLAIN, width: 2, height: 1 });
    expect(dims).toEqual([1, 3, 1, 2]);
    expect(Array.from(data as Float32Array, (value) => Number(value.toFixed(4)))).toEqual([1, -1, -2, 3, -1, -0.3333]);
  });

  test.for<[string, Uint8Array, string]>([
    ["of another format", Uint8Array.of(71, 73, 70, 56), "it is neither a PNG nor a JPEG file"],
    ["that is empty", new Uint8Array(), "it is neither a PNG nor a JPEG file"],
    [
      "that is cut short",
      encodePng({ width: 8, height: 8, channels: 3, depth: 8, data: picture(8, 8, 3) }).slice(0, 60),
      "it is cut short or damaged",
    ],
    ["of a JPEG that ends at once", Uint8Array.of(0xff, 0xd8, 0xff), "it is cut short or damaged"],
    [
      "of absurd size",
      (() => {
        const png = encodePng({ width: 1, height: 1, channels: 3, depth: 8, data: Uint8Array.of(1, 2, 3) });
        new DataView(png.buffer, png.byteOffset).setUint32(16, 2 ** 31 - 1);
        return png;
      })(),
      "its size is absurd",
    ],
  ])("%s is refused in one line", ([, bytes, why]) => {
    expect(() => imageBytes(bytes, PLAIN)).toThrow(
      expect.objectContaining({ code: "DATA_INVALID", message: expect.stringContaining(why) }),
    );
  });
});

const PROGRAM = `
import base64, io, json, sys
import numpy as np
from PIL import Image
job = json.load(sys.stdin)
width, height = job["width"], job["height"]
rgb = Image.fromarray(np.array(job["pixels"], dtype=np.uint8).reshape(height, width, 3))
alpha = rgb.copy(); alpha.putalpha(128)
images = {"png": (rgb, {}), "alpha": (alpha, {}), "grey": (rgb.convert("L"), {}), "palette": (rgb.quantize(16), {}), "bits": (rgb.convert("1"), {}),
          "jpeg": (rgb, {"quality": 95, "subsampling": 0}), "progressive": (rgb, {"quality": 95, "subsampling": 0, "progressive": True}), "grey jpeg": (rgb.convert("L"), {"quality": 95})}
answers = []
for name, (image, options) in images.items():
    buffer = io.BytesIO()
    image.save(buffer, "JPEG" if "jpeg" in name or name == "progressive" else "PNG", **options)
    opened = Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")
    for resample, number in [("nearest", 0), ("lanczos", 1), ("bilinear", 2), ("bicubic", 3)]:
        for size in job["sizes"]:
            resized = opened.resize((size[0], size[1]), number)
            answers.append({"name": name, "resample": resample, "size": size, "file": base64.b64encode(buffer.getvalue()).decode(), "bytes": np.asarray(resized).flatten().tolist()})
json.dump(answers, sys.stdout)
`;

describe.skipIf(referee === undefined)("images are decoded and resized as Pillow does", () => {
  const [width, height] = [37, 29];
  const answers =
    referee === undefined
      ? []
      : (JSON.parse(
          runReferee(
            PROGRAM,
            JSON.stringify({
              width,
              height,
              pixels: [...picture(width, height, 3)],
              sizes: [
                [16, 16],
                [50, 11],
                [37, 29],
                [20, 60],
                [60, 50],
                [37, 10],
                [45, 28],
              ],
            }),
          ).toString(),
        ) as { name: string; resample: PixelOptions["resample"]; size: [number, number]; file: string; bytes: number[] }[]);

  test.for(answers)("$name, $resample, $size", ({ name, resample, size: [columns, rows], file, bytes }) => {
    const ours = imageBytes(Buffer.from(file, "base64"), { ...PLAIN, width: columns, height: rows, resample });
    expect(ours).toHaveLength(bytes.length);
    // The inverse cosine transforms of two JPEG decoders round apart; PNG leaves nothing to round.
    const most = name.includes("jpeg") || name === "progressive" ? 3 : 0;
    expect(Math.max(...bytes.map((byte, at) => Math.abs(byte - (ours[at] ?? 0))))).toBeLessThanOrEqual(most);
  });
});
