import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { trainFromFiles } from "@graft/train/node";
import type { DemoAdapter } from "./adapters.ts";
import { glosses } from "./topics.ts";

/** How many rows the adapters see: enough to learn something in seconds. */
export interface DemoRows {
  readonly train: number;
  readonly test: number;
}

/** Trains one demo adapter into a folder and gives its file. Codes of training. */
export async function trainDemo(
  adapter: DemoAdapter,
  options: { readonly folder: string; readonly rows: DemoRows; readonly signal?: AbortSignal },
): Promise<string> {
  await mkdir(options.folder, { recursive: true });
  const output = join(options.folder, `${adapter.name.replaceAll(/[@/]/g, "")}-${adapter.version}.safetensors`);
  const { task, method, learningRate, epochs } = adapter;
  for await (const _ of trainFromFiles({
    base: TINY_ENGLISH_FOLDER,
    task,
    method,
    learningRate,
    epochs,
    batchSize: 16,
    seed: 1,
    data: adapter.rows(glosses("train", options.rows.train)),
    evaluation: adapter.rows(glosses("test", options.rows.test)),
    output,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }));
  return output;
}
