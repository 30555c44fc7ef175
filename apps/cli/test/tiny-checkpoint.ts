import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkpointParameters } from "@graft/architectures";
import { encodeSafetensors, fromFloat32, type Tensor } from "@graft/safetensors";
import { CONFIG, TOKENIZER_JSON, tinyRows } from "../../../packages/train/test/tiny.ts";

/** Writes a checkpoint folder of a narrow BERT with a tokenizer of whole words; the weights depend on the seed. */
export async function tinyCheckpoint(
  folder: string,
  options: { seed?: number; change?: (name: string, values: Float32Array) => void } = {},
): Promise<string> {
  const { seed = 1, change } = options;
  let state = seed;
  const tensors = new Map(
    checkpointParameters(CONFIG).map(({ name, shape, kind }): [string, Tensor] => {
      const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return (kind === "scale" ? 1 : 0) + (state / 2 ** 32 - 0.5) * 0.3;
      });
      change?.(name, values);
      return [name, { dtype: "F32", shape, data: fromFloat32("F32", values) }];
    }),
  );
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(CONFIG));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER_JSON));
  await writeFile(join(folder, "model.safetensors"), encodeSafetensors(tensors, new Map([["format", "pt"]])));
  return folder;
}

/** Rows of three classes as JSON Lines. */
export async function tinyData(path: string, count = 24): Promise<string> {
  await writeFile(
    path,
    tinyRows(count)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(""),
  );
  return path;
}
