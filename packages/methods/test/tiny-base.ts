import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Base, checkpointParameters } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { encodeSafetensors, fromFloat32, type Dtype, type Tensor } from "@graft/safetensors";

/** A BERT with two layers of width 8. */
const TINY = {
  model_type: "bert",
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  vocab_size: 20,
  max_position_embeddings: 16,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  hidden_act: "gelu",
} as const;

/** A checkpoint of TINY with weights that depend on the seed. */
export async function tinyBase(options: { dtype?: Dtype; seed?: number; pooler?: boolean } = {}): Promise<Base> {
  const { dtype = "F32", seed = 1, pooler = true } = options;
  const folder = await mkdtemp(join(tmpdir(), "graft-tiny-"));
  const tensors = new Map<string, Tensor>();
  let state = seed;
  for (const { name, shape, kind } of checkpointParameters(TINY)) {
    if (!pooler && name.startsWith("pooler.")) continue;
    const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (kind === "scale" ? 1 : 0) + (state / 2 ** 32 - 0.5) * 0.6;
    });
    tensors.set(name, { dtype, shape, data: fromFloat32(dtype, values) });
  }
  await writeFile(join(folder, "config.json"), JSON.stringify(TINY));
  await writeFile(join(folder, "model.safetensors"), encodeSafetensors(tensors, new Map([["format", "pt"]])));
  return openBase(folder);
}
