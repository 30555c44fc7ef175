import { GraftError } from "@graft/error";
import { importPeft, MANIFEST_KEY, openPeft } from "@graft/format";
import { bytesSource, openSafetensors } from "@graft/safetensors";
import type { StoredVersionSummary } from "@graft/storage";
import type { RegistryParts } from "../../context.ts";
import { WRITER } from "../writer.ts";
import { recordedBase } from "./recorded-base.ts";

/**
 * The bytes to publish: an adapter of Graft's as it is, one of PEFT's converted onto the base that its name means; those of the newest
 * version when the commit has none, since a commit keeps the files that it does not name.
 */
export async function adapterBytes(
  parts: RegistryParts,
  { name, files, newest }: { name: string; files: ReadonlyMap<string, Uint8Array>; newest: StoredVersionSummary | undefined },
): Promise<Uint8Array> {
  const weights = files.get("adapter_model.safetensors") ?? files.get("adapter.safetensors");
  if (weights === undefined && newest !== undefined && !files.has("adapter_config.json")) return await bytesOfVersion(parts, newest);
  if (weights === undefined)
    throw new GraftError("USAGE", `Cannot publish ${name}: the commit has no adapter_model.safetensors`, {
      hint: "A version is made of an adapter; commit its files together",
    });
  if (await isOurs(weights)) return weights;
  const config = files.get("adapter_config.json");
  if (config === undefined)
    throw new GraftError("USAGE", `Cannot publish ${name}: the commit has no adapter_config.json`, {
      hint: "Commit both files of the adapter together",
    });
  const peft = await openPeft(new TextDecoder().decode(config), weights);
  try {
    const base = recordedBase(await namedBase(parts, peft.config.base_model_name_or_path), peft);
    return (await importPeft(peft, base, { writer: WRITER })).bytes;
  } finally {
    await peft.file.close();
  }
}

async function isOurs(weights: Uint8Array): Promise<boolean> {
  const file = await openSafetensors(bytesSource(weights));
  await file.close();
  return file.header.metadata.has(MANIFEST_KEY);
}

/** The one registered base of a name: PEFT says no more of it. */
async function namedBase({ metadata }: RegistryParts, name: string | null | undefined) {
  if (name == null || name === "")
    throw new GraftError("BASE_UNKNOWN", "Cannot publish the adapter: its adapter_config.json names no base_model_name_or_path", {
      hint: "Convert it where the base is: graft import <folder> --base <base>, then graft publish",
    });
  const found = await metadata.bases.list({ name, limit: 2 });
  const [only, second] = found;
  if (only === undefined || second !== undefined) {
    const why = only === undefined ? "no registered base has that name" : "several registered bases have that name";
    throw new GraftError("BASE_UNKNOWN", `Cannot publish the adapter: it is for ${JSON.stringify(name.slice(0, 200))}, and ${why}`, {
      hint:
        only === undefined
          ? "Register the base under that name: graft base publish <path> --name <name>"
          : "Convert it where the base is: graft import <folder> --base <base>, then graft publish",
      detail: { candidates: found.map(({ fingerprint }) => fingerprint) },
    });
  }
  const base = await metadata.bases.get(only.fingerprint);
  if (base === undefined) throw new GraftError("INTERNAL", `The base ${only.fingerprint} vanished`);
  return base;
}

async function bytesOfVersion({ blobs }: RegistryParts, { digest, name, version }: StoredVersionSummary): Promise<Uint8Array> {
  const blob = await blobs.open(digest);
  if (blob === undefined) throw new GraftError("INTERNAL", `The bytes of ${name}@${version} vanished`);
  try {
    return await blob.read(0, blob.size);
  } finally {
    await blob.close();
  }
}
