import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointParameters, type Config } from "@graft/architectures";
import { encodeSafetensors, fromFloat32, type Dtype, type Tensor } from "@graft/safetensors";
import { onTestFinished } from "vitest";

/** A BERT small enough to be made anew in every test. */
export const TINY: Config = {
  model_type: "bert",
  architectures: ["BertModel"],
  hidden_act: "gelu",
  hidden_size: 16,
  intermediate_size: 24,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 12,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  pad_token_id: 0,
  position_embedding_type: "absolute",
  type_vocab_size: 2,
  vocab_size: 50,
};

/** Random weights for a config.json, the same in every run; `rename` gives the names that the file uses. */
export function randomTensors(config: Config, options: { dtype?: Dtype; rename?: (name: string) => string } = {}): Map<string, Tensor> {
  const { dtype = "F32", rename = (name) => name } = options;
  const random = generator(7);
  return new Map(
    checkpointParameters(config).map(({ name, shape, kind }) => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const values = Float32Array.from({ length: size }, () => random() * 0.6 + (kind === "scale" ? 1 : 0));
      return [rename(name), { dtype, shape, data: fromFloat32(dtype, values) }];
    }),
  );
}

/** Numbers between -1 and 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "graft-architectures-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a checkpoint folder. */
export async function writeCheckpoint(
  folder: string,
  options: { config: Config; tensors: ReadonlyMap<string, Tensor>; metadata?: Record<string, string> },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify(options.config));
  await writeFile(
    join(folder, "model.safetensors"),
    encodeSafetensors(options.tensors, new Map(Object.entries({ format: "pt", ...options.metadata }))),
  );
  return folder;
}
