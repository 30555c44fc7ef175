import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { Base } from "./base.ts";
import { cloneModel, externalTensor, dataTypeName, type ModelProto } from "@graft/onnx";

/** Smaller tensors stay in the graph: shapes and constants are read while it is loaded. */
const SMALL = 1024;

/**
 * The base's graph with its weights where they are: a tensor inside the ONNX file becomes a reference into that file, so
 * that a changed graph is small and no weight is copied. A checkpoint's graph is that already.
 */
export async function referToFiles(base: Base): Promise<ModelProto> {
  const path = base.files.find((file) => file.endsWith(".onnx")) ?? base.files[0];
  if (base.kind !== "onnx" || path === undefined) return base.model;
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const model = cloneModel(base.model);
    const initializers = model.graph?.initializer ?? [];
    for (const [index, tensor] of initializers.entries()) {
      const { rawData } = tensor;
      // Bytes of a decoded model are views into the file's.
      if (rawData.byteLength < SMALL || rawData.buffer.byteLength !== size) continue;
      const probe = Buffer.alloc(64);
      const { bytesRead } = await handle.read(probe, 0, 64, rawData.byteOffset);
      if (bytesRead < 64 || !probe.equals(rawData.subarray(0, 64))) continue;
      initializers[index] = externalTensor(tensor.name, {
        type: dataTypeName(tensor.dataType),
        dims: tensor.dims.map(Number),
        location: basename(path),
        offset: rawData.byteOffset,
        length: rawData.byteLength,
      });
    }
    return model;
  } finally {
    await handle.close();
  }
}
