import { sha256, type Digest } from "@graft/digest";
import { GraftError, isGraftError } from "@graft/error";
import { prepareVersion } from "@graft/format";
import type { PublishRequest } from "@graft/protocol";
import { EVERYTHING, type StoredVersion, type VersionReader } from "@graft/storage";
import { allowed } from "../../authorize.ts";
import type { Caller } from "../../caller.ts";
import type { RegistryParts } from "../../context.ts";
import { publish } from "../../publish.ts";
import { nextNumber } from "../next-number.ts";
import { adapterBytes } from "./commit-adapter.ts";
import type { HubCommit } from "./commit.ts";
import { commitOf } from "./revision.ts";

/** How often another number is tried when somebody else took the next one. */
const ATTEMPTS = 5;

/** Somebody was faster, or the number was withdrawn. */
const TAKEN: ReadonlySet<string> = new Set(["VERSION_TAKEN", "WITHDRAWN"]);

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
  const bytes = await adapterBytes(parts, { name, files: commit.files, newest });
  const readme = commit.files.get("README.md");
  const kept =
    newest === undefined ? undefined : (await versions.get(name, newest.version))?.files?.find(({ path }) => path === "README.md");
  const page = readme === undefined ? kept : { digest: await store(parts, { bytes: readme, owner: id }), size: readme.length };
  const files: PublishRequest["files"] = page === undefined ? [] : [{ path: "README.md", digest: page.digest, size: page.size }];
  let taken: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const version = nextNumber(await versions.numbers(name), taken);
    const { bytes: written, manifest, tensorsDigest } = await prepareVersion(bytes, { name, version });
    const digest = await store(parts, { bytes: written, owner: id });
    try {
      await publish(parts, { caller, name, version, request: { digest, size: written.length, tensorsDigest, manifest, files } });
    } catch (cause) {
      if (!isGraftError(cause) || !TAKEN.has(cause.code) || attempt === ATTEMPTS) throw cause;
      taken = version;
      continue;
    }
    const stored = await versions.get(name, version);
    if (stored === undefined) throw new GraftError("INTERNAL", `${name}@${version} vanished`);
    return stored;
  }
}

async function store(
  { blobs, metadata, settings, clock }: RegistryParts,
  { bytes, owner }: { bytes: Uint8Array; owner: string },
): Promise<Digest> {
  const digest = await sha256(bytes);
  // All of the bytes are here, whoever else has them.
  await blobs.put(digest, { bytes: one(bytes), size: bytes.length, limit: settings.blobBytes, owner, afresh: true });
  await metadata.blobs.uploaded(digest, { owner, at: clock().toISOString() });
  return digest;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function isKnown(versions: VersionReader, name: string, commit: string): Promise<boolean> {
  const page = await versions.list(name, { limit: 100 });
  return page.some((version) => commitOf(version) === commit);
}
