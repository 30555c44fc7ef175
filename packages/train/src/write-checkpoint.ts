import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileWhole, writeFolderWhole } from "@graft/files";
import { encodeSafetensors, fromFloat32, type Tensor, toFloat32 } from "@graft/safetensors";

/** What a checkpoint folder holds. */
export interface CheckpointParts {
  readonly config: Readonly<Record<string, unknown>>;
  /** Tensors in float32, under the names of the model's class. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** tokenizer.json to copy; tokenizer_config.json beside it is copied too. */
  readonly tokenizerFile?: string;
  /** Element type of the file; F32 by default. */
  readonly dtype?: "F32" | "F16";
}

/** Writes config.json, model.safetensors and the tokenizer as a folder that `transformers` opens; whole or not at all, in place of what is there. */
export async function writeCheckpoint(folder: string, { config, tensors, tokenizerFile, dtype = "F32" }: CheckpointParts): Promise<void> {
  await writeFolderWhole(
    folder,
    async (temporary) => {
      await writeFileWhole(join(temporary, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
      await writeFileWhole(
        join(temporary, "model.safetensors"),
        encodeSafetensors(new Map([...tensors].map(([name, tensor]) => [name, narrowed(tensor, dtype)])), new Map([["format", "pt"]])),
      );
      if (tokenizerFile === undefined) return;
      await copyFile(tokenizerFile, join(temporary, "tokenizer.json"));
      await copyFile(join(dirname(tokenizerFile), "tokenizer_config.json"), join(temporary, "tokenizer_config.json")).catch(
        () => undefined,
      );
    },
    { overwrite: true },
  );
}

function narrowed(tensor: Tensor, dtype: "F32" | "F16"): Tensor {
  return dtype === tensor.dtype ? tensor : { ...tensor, dtype, data: fromFloat32(dtype, toFloat32(tensor.dtype, tensor.data)) };
}
