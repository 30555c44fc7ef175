import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { checkpointParameters } from "@graft/architectures";
import { encodeSafetensors, type Tensor } from "@graft/safetensors";
import { beforeAll, expect, test } from "vitest";
import { grafter, temporaryFolder } from "./run-graft.ts";

const home = temporaryFolder();
const graft = grafter(home);

/** config.json of a ViT of two narrow layers over 16 patches. */
const VIT = {
  model_type: "vit",
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  image_size: 16,
  patch_size: 4,
  num_channels: 3,
  hidden_act: "gelu",
  layer_norm_eps: 1e-12,
};

/** A PNG file of one colour with noise. */
function png(size: number, colour: readonly number[], seed: number): Buffer {
  const rows = Array.from({ length: size }, (_, row) => [
    0,
    ...Array.from({ length: size * 3 }, (__, at) => Math.min(255, (colour[at % 3] ?? 0) + ((row * 31 + at * 17 + seed * 7) % 50))),
  ]);
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2], 8);
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const COLOURS = { red: [200, 30, 30], green: [30, 200, 30], blue: [30, 30, 200] } as const;

beforeAll(async () => {
  await mkdir(join(home, "vit"));
  await mkdir(join(home, "pictures", "files"), { recursive: true });
  let state = 1;
  const tensors = new Map(
    checkpointParameters(VIT).map(({ name, shape, kind }): [string, Tensor] => {
      const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return (kind === "scale" ? 1 : 0) + (state / 2 ** 32 - 0.5) * 0.3;
      });
      return [name, { dtype: "F32", shape, data: new Uint8Array(values.buffer) }];
    }),
  );
  await writeFile(join(home, "vit", "config.json"), JSON.stringify(VIT));
  await writeFile(join(home, "vit", "model.safetensors"), encodeSafetensors(tensors, new Map([["format", "pt"]])));
  const rows: unknown[] = [];
  for (const [label, colour] of Object.entries(COLOURS)) {
    for (let index = 0; index < 8; index++) {
      const file = png(16 + index, colour, index);
      await writeFile(join(home, "pictures", "files", `${label}-${index}.png`), file);
      rows.push({ image: index % 2 === 0 ? `files/${label}-${index}.png` : file.toString("base64"), label });
    }
  }
  await writeFile(join(home, "pictures", "rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});

const line =
  "train --base vit --task image-classification --data pictures/rows.jsonl --eval pictures/rows.jsonl --output colours.safetensors".split(
    " ",
  );

test("a ViT learns images by path and as base64, and says the same when it is loaded", async () => {
  const trained = await graft([...line, "--epochs", "8", "--learning-rate", "0.01", "--json", "--quiet"]);
  expect({ code: trained.code, stderr: trained.stderr }).toEqual({ code: 0, stderr: "" });
  const { metrics } = JSON.parse(trained.stdout) as { metrics: Record<string, number> };
  expect(metrics["accuracy"]).toBe(1);
  const model = ["--base", "vit", "--adapter", "colours.safetensors"];
  const judged = await graft(["eval", ...model, "--data", "pictures/rows.jsonl", "--json", "--quiet"]);
  expect(JSON.parse(judged.stdout)).toMatchObject({ rows: 24, accuracy: 1, loss: expect.closeTo(metrics["loss"] ?? Number.NaN, 4) });
  const { stdout } = await graft(["predict", ...model, "pictures/files/blue-3.png"]);
  expect(stdout).toMatch(/^blue {2}0\.\d{3} {2}pictures\/files\/blue-3\.png\n$/);
});

test.for<[string, string, RegExp]>([
  [
    "that is not there",
    "files/none.png",
    /line 1 of "pictures\/bad.jsonl": its image cannot be read: "pictures\/files\/none.png" does not exist/,
  ],
  ["that is none", "bad.jsonl", /line 1 of "pictures\/bad.jsonl": its image cannot be read: it is neither a PNG nor a JPEG file/],
])("an image %s is one line", async ([, image, says]) => {
  await writeFile(join(home, "pictures", "bad.jsonl"), `${JSON.stringify({ image, label: "red" })}\n`);
  const { stderr } = await graft([...line.map((word) => word.replace("rows.jsonl", "bad.jsonl")), "--quiet"]);
  expect(stderr).toMatch(/^Cannot use [^\n]+\n$/);
  expect(stderr).toMatch(says);
});
