import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { imageInput } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { expect, test } from "vitest";
import { VIT } from "./encoders/switches.ts";
import { randomTensors, temporaryFolder, writeCheckpoint } from "./tiny-bert.ts";

const size = { channels: 3, height: 8, width: 8 };

test("a model of images opens with the size of config.json and the numbers of preprocessor_config.json", async () => {
  const folder = await writeCheckpoint(await temporaryFolder(), { config: VIT, tensors: randomTensors(VIT) });
  const usual = { ...size, scale: 1 / 255, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5], resample: "bilinear" };
  expect(await openBase(folder)).toMatchObject({ family: "vit", maxLength: 5, image: usual });
  const settings = { image_mean: [0.1, 0.2, 0.3], image_std: 0.4, resample: 3, rescale_factor: 0.5 };
  await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(settings));
  const told = { ...size, scale: 0.5, mean: [0.1, 0.2, 0.3], deviation: [0.4, 0.4, 0.4], resample: "bicubic" };
  expect((await openBase(folder)).image).toEqual(told);
});

test("what is switched off changes nothing", () => {
  expect(imageInput(size, { do_rescale: false, do_normalize: false })).toMatchObject({ scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1] });
});

test("a wrong setting is named", () => {
  const cases = { image_mean: [1, 2], image_std: [1, 0, 1], resample: 9, rescale_factor: "x" };
  for (const [key, value] of Object.entries(cases))
    expect(() => imageInput(size, { [key]: value }), key).toThrow(
      expect.objectContaining({ code: "BASE_INVALID", message: expect.stringContaining(`preprocessor_config.json has ${key}`) }),
    );
});
