import { sha256 } from "@graft/digest";
import { GraftError, isGraftError } from "@graft/error";
import { importPeft, MANIFEST_KEY, openPeft, prepareVersion } from "@graft/format";
import { bytesSource, openSafetensors } from "@graft/safetensors";
import { EVERYTHING, type StoredVersion, type VersionReader } from "@graft/storage";
import { allowed } from "../../authorize.ts";
import type { Caller } from "../../caller.ts";
import type { RegistryParts } from "../../context.ts";
import { publish } from "../../publish.ts";
import { nextNumber } from "../next-number.ts";
import { WRITER } from "../writer.ts";
import type { HubCommit } from "./commit.ts";
import { recordedBase } from "./recorded-base.ts";
import { commitOf } from "./revision.ts";

/** How often another number is tried when somebody else took the next one. */
const ATTEMPTS = 5;

/** Publishes a commit as the next patch version, validated like any other; gives the version. */
export async function publishCommit(
  parts: RegistryParts,
  { caller, name, commit }: { caller: Caller | undefined; name: string; commit: HubCommit },
): Promise<StoredVersion> {
  const { id } = allowed(caller, "publish", name);
  // Who may publish a name may know of it.
  const { versions } = parts.metadata.seenBy(EVERYTHING);
  const [newest] = await versions.list(name, { limit: 1 });
  if (commit.parent !== undefined && newest !== undefined && !(await isKnown(versions, name, commit.parent)))
    throw new GraftError("CONFLICT", `Cannot publish on ${commit.parent.slice(0, 40)}: ${name} has no such commit`, {
      hint: "Download it again",
    });
  const bytes = await adapterBytes(parts, { name, files: commit.files });
  for (let attempt = 1; ; attempt++) {
    const version = nextNumber(await versions.numbers(name));
    const prepared = await prepareVersion(bytes, { name, version });
    const digest = await sha256(prepared.bytes);
    await parts.blobs.put(digest, {
      bytes: one(prepared.bytes),
      size: prepared.bytes.length,
      limit: parts.settings.blobBytes,
      owner: id,
    });
    const { manifest, tensorsDigest } = prepared;
    try {
      await publish(parts, { caller, name, version, request: { digest, size: prepared.bytes.length, tensorsDigest, manifest } });
    } catch (cause) {
      if (isGraftError(cause) && cause.code === "VERSION_TAKEN" && attempt < ATTEMPTS) continue;
      throw cause;
    }
    const stored = await versions.get(name, version);
    if (stored === undefined) throw new GraftError("INTERNAL", `${name}@${version} vanished`);
    return stored;
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function isKnown(versions: VersionReader, name: string, commit: string): Promise<boolean> {
  const page = await versions.list(name, { limit: 100 });
  return page.some((version) => commitOf(version) === commit);
}

/** The bytes to publish: an adapter of Graft's as it is, one of PEFT's converted onto the base that its name means. */
async function adapterBytes(
  parts: RegistryParts,
  { name, files }: { name: string; files: ReadonlyMap<string, Uint8Array> },
): Promise<Uint8Array> {
  const weights = files.get("adapter_model.safetensors") ?? files.get("adapter.safetensors");
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
