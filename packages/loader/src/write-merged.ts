import { constants } from "node:fs";
import { copyFile, link, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Base } from "@graft/architectures";
import { writeFolderWhole } from "@graft/files";
import { bytesSource, type Dtype, encodeSafetensors, readHeader, type Tensor } from "@graft/safetensors";
import { cloneModel, dataTypeName, encodeModel, externalLocation, externalTensor, type ModelProto, type TensorProto } from "@graft/onnx";
import type { Merged } from "@graft/methods";
import { MERGED_KEY } from "./merge-engine.ts";

/** A file of a merged model, and how it came there. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  /** `linked` shares the base's bytes; `copied` could not, because the folder is on another file system. */
  readonly how: "written" | "linked" | "copied";
}

/** A merged model on disk. */
export interface WrittenModel {
  readonly path: string;
  readonly files: readonly WrittenFile[];
}

const GRAPH = "model.onnx";
const SIDE = "merged.safetensors";
const DTYPES: Readonly<Record<string, Dtype>> = { float32: "F32", float16: "F16", bfloat16: "BF16", float64: "F64" };

/**
 * Writes a merged model as a folder that is there whole or not at all: `model.onnx`, the new weights in `merged.safetensors`,
 * and the base's weight files linked beside them. `check` runs on the finished files before they appear. NOT_WRITABLE, DISK_FULL.
 */
export async function writeMerged(
  base: Base,
  options: {
    readonly merged: Merged;
    readonly digest: string;
    readonly folder: string;
    readonly overwrite?: boolean;
    readonly check: (path: string) => Promise<void>;
  },
): Promise<WrittenModel> {
  const { merged, digest, folder, overwrite = false, check } = options;
  const files: WrittenFile[] = [];
  await writeFolderWhole(
    folder,
    async (temporary) => {
      const write = async (name: string, bytes: Uint8Array): Promise<void> => {
        await writeFile(join(temporary, name), bytes);
        files.push({ name, bytes: bytes.length, how: "written" });
      };
      const side = sideFile(merged, digest);
      const model = cloneModel(merged.model);
      const shared = await shareBase(base, { model, temporary });
      await pointTo(model, { side, merged });
      await write(GRAPH, encodeModel(model));
      await write(SIDE, side);
      files.push(...shared);
      for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
        const bytes =
          base.tokenizerFile === undefined ? undefined : await readFile(join(dirname(base.tokenizerFile), name)).catch(() => undefined);
        if (bytes !== undefined) await write(name, bytes);
      }
      await check(join(temporary, GRAPH));
    },
    { overwrite },
  );
  return { path: join(folder, GRAPH), files };
}

/** The new weights as a safetensors file. */
function sideFile({ tensors }: Merged, digest: string): Uint8Array {
  const entries = tensors.map((tensor): [string, Tensor] => [
    tensor.name,
    { dtype: DTYPES[dataTypeName(tensor.dataType)] ?? "F32", shape: tensor.dims.map(Number), data: tensor.rawData },
  ]);
  return encodeSafetensors(
    new Map(entries),
    new Map([
      ["format", "pt"],
      [MERGED_KEY, digest],
    ]),
  );
}

/** Makes the graph refer to the side file instead of carrying the new weights. */
async function pointTo(model: ModelProto, { side, merged }: { side: Uint8Array; merged: Merged }): Promise<void> {
  const header = await readHeader(bytesSource(side));
  const names = new Set(merged.tensors.map(({ name }) => name));
  const initializers = model.graph?.initializer ?? [];
  for (const [index, tensor] of initializers.entries()) {
    const info = names.has(tensor.name) ? header.tensors.get(tensor.name) : undefined;
    if (info === undefined) continue;
    initializers[index] = externalTensor(tensor.name, {
      type: dataTypeName(tensor.dataType),
      dims: tensor.dims.map(Number),
      location: SIDE,
      offset: header.dataOffset + info.begin,
      length: info.end - info.begin,
    });
  }
}

/** Puts the base's files that the graph still refers to into the folder, under names that clash with nothing. */
async function shareBase(base: Base, { model, temporary }: { model: ModelProto; temporary: string }): Promise<WrittenFile[]> {
  const users = new Map<string, TensorProto[]>();
  for (const tensor of model.graph?.initializer ?? []) {
    const location = externalLocation(tensor)?.location;
    if (location !== undefined) users.set(location, [...(users.get(location) ?? []), tensor]);
  }
  const taken = new Set([GRAPH, SIDE]);
  const shared: WrittenFile[] = [];
  for (const [location, tensors] of users) {
    const name = free(basename(location), taken);
    const source = join(base.folder, location);
    const how = await shareFile(source, join(temporary, name));
    for (const tensor of tensors) for (const entry of tensor.externalData) if (entry.key === "location") entry.value = name;
    shared.push({ name, bytes: (await stat(source)).size, how });
  }
  return shared;
}

function free(name: string, taken: Set<string>): string {
  let result = name;
  while (taken.has(result)) result = `base-${result}`;
  taken.add(result);
  return result;
}

/** A second name for the same bytes; where the file system has none to give, a copy, shared block by block if it can. */
async function shareFile(from: string, to: string): Promise<"linked" | "copied"> {
  try {
    await link(from, to);
    return "linked";
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    return "copied";
  }
}
