import { constants } from "node:fs";
import { copyFile, link, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Base } from "@graft/architectures";
import { bytesSource, type Dtype, encodeSafetensors, readHeader, type Tensor } from "@graft/safetensors";
import { cloneModel, dataTypeName, encodeModel, externalLocation, externalTensor, type ModelProto, type TensorProto } from "@graft/onnx";
import type { Merged } from "@graft/methods";
import { MERGED_KEY } from "./merge-engine.ts";
import type { WrittenFile } from "./written-model.ts";

/** What the files of a merged model are called: the graph, and the safetensors file with the weights that are new. */
export interface MergedNames {
  readonly graph: string;
  readonly side: string;
}

const DTYPES: Readonly<Record<string, Dtype>> = { float32: "F32", float16: "F16", bfloat16: "BF16", float64: "F64" };

/** Writes graph and new weights into a folder and links the base's weight files beside them, under names that are not `taken`. */
export async function writeMergedFiles(
  base: Base,
  options: {
    readonly merged: Merged;
    readonly digest: string;
    readonly folder: string;
    readonly names: MergedNames;
    readonly taken?: Iterable<string>;
  },
): Promise<WrittenFile[]> {
  const { merged, digest, folder, names, taken = [] } = options;
  const side = merged.tensors.length === 0 ? undefined : sideFile(merged, digest);
  const model = cloneModel(merged.model);
  const shared = await shareBase(base, { model, folder, taken: new Set([names.graph, names.side, ...taken]) });
  if (side !== undefined) await pointTo(model, { side, sideName: names.side, merged });
  const written: WrittenFile[] = [];
  for (const [name, bytes] of [
    [names.graph, encodeModel(model)],
    [names.side, side],
  ] as const) {
    if (bytes === undefined) continue;
    await writeFile(join(folder, name), bytes);
    written.push({ name, bytes: bytes.length, how: "written" });
  }
  return [...written, ...shared];
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
async function pointTo(
  model: ModelProto,
  { side, sideName, merged }: { side: Uint8Array; sideName: string; merged: Merged },
): Promise<void> {
  const header = await readHeader(bytesSource(side));
  const names = new Set(merged.tensors.map(({ name }) => name));
  const initializers = model.graph?.initializer ?? [];
  for (const [index, tensor] of initializers.entries()) {
    const info = names.has(tensor.name) ? header.tensors.get(tensor.name) : undefined;
    if (info === undefined) continue;
    initializers[index] = externalTensor(tensor.name, {
      type: dataTypeName(tensor.dataType),
      dims: tensor.dims.map(Number),
      location: sideName,
      offset: header.dataOffset + info.begin,
      length: info.end - info.begin,
    });
  }
}

/** Puts the base's files that the graph still refers to into the folder, under names that clash with nothing. */
async function shareBase(
  base: Base,
  { model, folder, taken }: { model: ModelProto; folder: string; taken: Set<string> },
): Promise<WrittenFile[]> {
  const users = new Map<string, TensorProto[]>();
  for (const tensor of model.graph?.initializer ?? []) {
    const location = externalLocation(tensor)?.location;
    if (location !== undefined) users.set(location, [...(users.get(location) ?? []), tensor]);
  }
  const shared: WrittenFile[] = [];
  for (const [location, tensors] of users) {
    const name = free(basename(location), taken);
    const source = join(base.folder, location);
    const how = await shareFile(source, join(folder, name));
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
