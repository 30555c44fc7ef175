import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { canonicalJson, openAdapter, type Manifest } from "@graft/format";
import type { Published, PublishRequest } from "@graft/protocol";
import { EVERYTHING, type StoredVersion } from "@graft/storage";
import { versionStatement } from "@graft/trust";
import { allowed } from "./authorize.ts";
import { blobAccess } from "./blob-access.ts";
import type { Caller } from "./caller.ts";
import { checkAgainstBase } from "./check-against-base.ts";
import type { RegistryParts } from "./context.ts";
import { given, versionRecord } from "./records.ts";

/** A publish as it came in: the name and version are the URL's. */
export interface Publication {
  readonly caller: Caller | undefined;
  readonly name: string;
  readonly version: string;
  readonly request: PublishRequest;
}

/** Makes uploaded bytes a version: who may, whether it is taken, what the bytes are, whether they fit; then one transaction. */
export async function publish(parts: RegistryParts, publication: Publication): Promise<Published> {
  const { metadata } = parts;
  const { name, version, request } = publication;
  const { id } = allowed(publication.caller, "publish", name);
  // Publishing again, after an answer that was lost, needs no second look at the bytes; the transaction looks once more.
  const known = await metadata.seenBy(EVERYTHING).versions.get(name, version);
  if (known?.digest === request.digest) return await published(parts, publication, "exists");
  checkRequest(publication);
  // A version that is taken is refused by the transaction too, whatever the bytes are: no need to open them.
  const stored = known === undefined ? await examine(parts, publication) : { ...known, digest: request.digest };
  const status = await metadata.versions.publish({ ...stored, publishedBy: id }, { tag: request.tag, visibility: request.access });
  return await published(parts, publication, status);
}

async function published({ metadata }: RegistryParts, { name, version }: Publication, status: Published["status"]): Promise<Published> {
  // Who may publish a name may know of it.
  const { versions } = metadata.seenBy(EVERYTHING);
  const stored = await versions.get(name, version);
  if (stored === undefined) throw new GraftError("INTERNAL", `${name}@${version} vanished`);
  return { status, version: versionRecord(stored, await versions.tags(name)) };
}

function checkRequest({ name, version, request: { manifest } }: Publication): void {
  if (manifest.name === name && manifest.version === version) return;
  throw new GraftError(
    "MANIFEST_INVALID",
    `Cannot publish ${name}@${version}: the manifest says ${manifest.name ?? "no name"}@${manifest.version ?? "no version"}`,
    {
      hint: "graft publish writes both into the copy that it sends",
    },
  );
}

/** Opens the uploaded bytes and checks all that the request says of them, and the base. */
async function examine(parts: RegistryParts, publication: Publication): Promise<StoredVersion> {
  const { name, version, request } = publication;
  const { manifest, tensorsDigest, size } = await openUploaded(parts, publication);
  if (size !== request.size || tensorsDigest !== request.tensorsDigest || canonicalJson(manifest) !== canonicalJson(request.manifest)) {
    throw new GraftError(
      "DIGEST_MISMATCH",
      `Cannot publish ${name}@${version}: size, manifest or tensors of the request are not those of the uploaded bytes`,
      {
        detail: { size, tensorsDigest },
      },
    );
  }
  const base = await parts.metadata.bases.get(manifest.base.fingerprint);
  if (base === undefined) {
    throw new GraftError("BASE_UNKNOWN", `Cannot publish ${name}@${version}: the registry does not know its base "${manifest.base.name}"`, {
      hint: "Register it first: graft base publish <path>",
      detail: { fingerprint: manifest.base.fingerprint },
    });
  }
  checkAgainstBase(manifest, base);
  const statement = versionStatement({ name, version, digest: request.digest, base: base.fingerprint });
  return {
    ...describe(manifest),
    ...statement,
    size,
    tensorsDigest,
    signatures: [await parts.key.sign(statement)],
    publishedAt: parts.clock().toISOString(),
    publishedBy: "",
  };
}

async function openUploaded(
  parts: RegistryParts,
  { caller, request: { digest } }: Publication,
): Promise<{ manifest: Manifest; tensorsDigest: Digest; size: number }> {
  // A digest is no key: bytes that somebody may not read are not there for them.
  const isHidden = (await blobAccess(parts, { digest, caller })) === "hidden";
  const blob = isHidden ? undefined : await parts.blobs.open(digest);
  if (blob === undefined)
    throw new GraftError("NOT_FOUND", `Cannot publish: the registry has no blob ${digest}`, { hint: "Upload the bytes first" });
  try {
    const adapter = await openAdapter(blob);
    if (adapter.digest !== digest) throw new GraftError("INTERNAL", `The stored blob ${digest} now has the digest ${adapter.digest}`);
    return adapter;
  } finally {
    await blob.close();
  }
}

/** What lists and search need of a manifest. */
function describe(
  manifest: Manifest,
): Pick<StoredVersion, "method" | "task" | "description" | "keywords" | "manifest" | "targets" | "searchText"> {
  const { name = "", description, keywords = [], method, task, base, targets } = manifest;
  return {
    method: method.name,
    task: task.type,
    ...given({ description }),
    keywords,
    manifest,
    targets: targets.map(({ digest }) => digest),
    searchText: [name, description ?? "", ...keywords, method.name, task.type, ...task.labels.slice(0, 200), base.name]
      .join("\n")
      .toLowerCase(),
  };
}
