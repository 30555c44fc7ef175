import { authorSignatures } from "./author-signatures.ts";
import { GraftError } from "@graft/error";
import { canonicalJson, openAdapter, type Adapter, type Manifest, type TargetDelta, validateAdapter } from "@graft/format";
import type { PublishRequest } from "@graft/protocol";
import type { StoredVersion } from "@graft/storage";
import { versionStatement } from "@graft/trust";
import { attachedFiles } from "./attached-files.ts";
import { blobAccess } from "./blob-access.ts";
import type { Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { given } from "./records.ts";

/** A version that may be published, and how large each of its deltas is. */
export interface Examined {
  readonly version: StoredVersion;
  readonly deltas: TargetDelta[];
}

/** Opens the uploaded bytes and checks all that the request says of them, and the record of their base; every byte is read. */
export async function examine(
  parts: RegistryParts,
  { caller, name, version, request }: { caller: Caller | undefined; name: string; version: string; request: PublishRequest },
): Promise<Examined> {
  // A digest is no key: bytes that somebody may not read are not there for them.
  const isHidden = (await blobAccess(parts, { digest: request.digest, caller })) === "hidden";
  const blob = isHidden ? undefined : await parts.blobs.open(request.digest);
  if (blob === undefined)
    throw new GraftError("NOT_FOUND", `Cannot publish: the registry has no blob ${request.digest}`, {
      hint: "Upload the bytes first",
      detail: { digest: request.digest },
    });
  try {
    const adapter = await openAdapter(blob);
    checkRequest(adapter, { name, version, request });
    const { manifest, size, tensorsDigest } = adapter;
    const base = await parts.metadata.bases.get(manifest.base.fingerprint);
    if (base === undefined) {
      throw new GraftError(
        "BASE_UNKNOWN",
        `Cannot publish ${name}@${version}: the registry does not know its base "${manifest.base.name}"`,
        {
          hint: "Register it first: graft base publish <path>",
          detail: { fingerprint: manifest.base.fingerprint },
        },
      );
    }
    const deltas = await validateAdapter(adapter, base);
    const files = await attachedFiles(parts, { caller, files: request.files });
    const stated = { name, version, digest: request.digest, base: base.fingerprint, files };
    const statement = versionStatement(stated);
    return {
      deltas,
      version: {
        ...describe(manifest),
        ...stated,
        size,
        tensorsDigest,
        signatures: [await parts.key.sign(statement), ...(await authorSignatures(statement, request.author))],
        publishedAt: parts.clock().toISOString(),
        publishedBy: "",
      },
    };
  } finally {
    await blob.close();
  }
}

function checkRequest(
  adapter: Adapter,
  { name, version, request }: { readonly name: string; readonly version: string; readonly request: PublishRequest },
): void {
  const { digest, size, tensorsDigest, manifest } = adapter;
  if (digest !== request.digest) throw new GraftError("INTERNAL", `The stored blob ${request.digest} now has the digest ${digest}`);
  if (size === request.size && tensorsDigest === request.tensorsDigest && canonicalJson(manifest) === canonicalJson(request.manifest))
    return;
  throw new GraftError(
    "DIGEST_MISMATCH",
    `Cannot publish ${name}@${version}: size, manifest or tensors of the request are not those of the uploaded bytes`,
    { detail: { size, tensorsDigest } },
  );
}

/** What lists and search need of a manifest. */
function describe(manifest: Manifest): Pick<StoredVersion, "method" | "task" | "description" | "keywords" | "manifest" | "targets"> {
  const { description, keywords = [], method, task, targets } = manifest;
  return {
    method: method.name,
    task: task.type,
    ...given({ description }),
    keywords,
    manifest,
    targets: targets.map(({ digest }) => digest),
  };
}
