import { open } from "node:fs/promises";
import { join } from "node:path";
import { GraftError } from "@graft/error";
import { fileSource } from "@graft/safetensors/node";
import type { ModelProto } from "./proto/onnx_pb.ts";
import { modelWeights, type Weights, type WeightSource } from "./weights.ts";

/** Weights of a model whose external files lie in a folder. */
export function folderWeights(model: ModelProto, folder: string): Weights {
  return modelWeights(model, (location) => weightFile(join(folder, location)));
}

async function weightFile(path: string): Promise<WeightSource> {
  const source = await fileSource(path);
  return {
    ...source,
    async readInto(offset, into) {
      const handle = await open(path, "r");
      try {
        for (let done = 0; done < into.byteLength;) {
          const { bytesRead } = await handle.read(into, done, Math.min(into.byteLength - done, 1 << 30), offset + done);
          if (bytesRead === 0)
            throw new GraftError("READ_FAILED", `Cannot read "${path}": it ends ${into.byteLength - done} bytes too early`);
          done += bytesRead;
        }
      } finally {
        await handle.close();
      }
    },
  };
}
