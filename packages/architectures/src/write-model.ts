import { copyFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFolderWhole } from "@graft/files";
import { cloneModel, dataTypeName, encodeModel, externalTensor, type ModelProto } from "@graft/onnx";
import { bytesSource, type Dtype, encodeSafetensors, readHeader, type Tensor } from "@graft/safetensors";
import type { Base } from "./base.ts";

/** Smaller tensors stay in the graph: shapes and constants are read while it is loaded. */
const SMALL = 1024;
const WEIGHTS = "weights.safetensors";
const DTYPES: Readonly<Record<string, Dtype>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float64: "F64",
  int8: "I8",
  uint8: "U8",
};

/**
 * Writes a model as a folder that is there whole or not at all: model.onnx, its weights in one file beside it, config.json and the
 * tokenizer. `base` says where weights lie that the model shares with it. Gives the bytes of the weights.
 */
export async function writeModel(
  folder: string,
  { model, base, overwrite = false }: { readonly model: ModelProto; readonly base: Base; readonly overwrite?: boolean },
): Promise<number> {
  const written = cloneModel(model);
  const tensors = new Map<string, Tensor>();
  const large = (written.graph?.initializer ?? []).filter(({ rawData, dataLocation }) => dataLocation === 1 || rawData.byteLength >= SMALL);
  for (const tensor of large) {
    const data = await base.weights.read(tensor);
    const dtype = DTYPES[dataTypeName(tensor.dataType)];
    // Of other types, such as those of 4 bits, safetensors holds the bytes.
    tensors.set(tensor.name, { dtype: dtype ?? "U8", shape: dtype === undefined ? [data.byteLength] : tensor.dims.map(Number), data });
  }
  const weights = encodeSafetensors(tensors, new Map([["format", "pt"]]));
  const header = await readHeader(bytesSource(weights));
  const initializers = written.graph?.initializer ?? [];
  for (const [index, tensor] of initializers.entries()) {
    const place = header.tensors.get(tensor.name);
    if (place === undefined || !tensors.has(tensor.name)) continue;
    initializers[index] = externalTensor(tensor.name, {
      type: dataTypeName(tensor.dataType),
      dims: tensor.dims.map(Number),
      location: WEIGHTS,
      offset: header.dataOffset + place.begin,
      length: place.end - place.begin,
    });
  }
  await writeFolderWhole(
    folder,
    async (temporary) => {
      await writeFile(join(temporary, "model.onnx"), encodeModel(written));
      await writeFile(join(temporary, WEIGHTS), weights);
      if (base.config !== undefined) await writeFile(join(temporary, "config.json"), `${JSON.stringify(base.config, null, 2)}\n`);
      if (base.tokenizerFile === undefined) return;
      await copyFile(base.tokenizerFile, join(temporary, "tokenizer.json"));
      await copyFile(join(dirname(base.tokenizerFile), "tokenizer_config.json"), join(temporary, "tokenizer_config.json")).catch(
        () => undefined,
      );
    },
    { overwrite },
  );
  return weights.byteLength;
}
