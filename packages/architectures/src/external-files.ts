import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GraftError } from "@graft/error";
import { externalLocation, type ModelProto, type TensorProto } from "@graft/onnx";

/**
 * Gives the real paths of a model's external files. In a Hugging Face cache they have other names beside the real model
 * file than beside its symbolic link: there the tensors are made to name the real ones. BASE_INVALID when one is not there.
 */
export async function relocateWeights(model: ModelProto, options: { folder: string; beside: string }): Promise<string[]> {
  const users = new Map<string, TensorProto[]>();
  for (const tensor of model.graph?.initializer ?? []) {
    const location = externalLocation(tensor)?.location;
    if (location !== undefined) users.set(location, [...(users.get(location) ?? []), tensor]);
  }
  const files: string[] = [];
  for (const [location, tensors] of users) {
    const path = await find(location, options);
    files.push(path);
    if (path === join(options.folder, location)) continue;
    for (const entry of tensors.flatMap(({ externalData }) => externalData)) if (entry.key === "location") entry.value = basename(path);
  }
  return files;
}

async function find(location: string, { folder, beside }: { folder: string; beside: string }): Promise<string> {
  const own = await realpath(join(folder, location)).catch(() => undefined);
  // A link that leads elsewhere would be refused by ONNX Runtime; one within the folder is fine.
  if (own !== undefined && dirname(own) === dirname(join(folder, location))) return join(folder, location);
  const linked = await realpath(join(beside, location)).catch(() => undefined);
  if (linked !== undefined && dirname(linked) === folder) return linked;
  throw new GraftError(
    "BASE_INVALID",
    `Cannot open the base: its weights are in "${location}", which ${(own ?? linked) === undefined ? "does not exist" : "lies in another folder"}`,
    {
      hint: "Put the file beside the ONNX file",
    },
  );
}
