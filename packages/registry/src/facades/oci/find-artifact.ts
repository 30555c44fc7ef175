import type { Digest } from "@graft/digest";
import type { Readings, StoredVersion } from "@graft/storage";
import { type Artifact, type Document, versionArtifact } from "./manifests.ts";

/** How many versions are looked at in one step. */
const PAGE = 100;

/** The version that a reference means: a tag, a number, or the digest of its OCI manifest. */
export async function versionFor({ versions }: Readings, name: string, reference: string): Promise<StoredVersion | undefined> {
  if (reference.startsWith("sha256:"))
    return (await findArtifact(versions, name, ({ manifest }) => manifest.digest === reference))?.version;
  const tags = await versions.tags(name);
  return versions.get(name, Object.hasOwn(tags, reference) ? (tags[reference] ?? reference) : reference);
}

/** The small blob of a repository that has a digest: a manifest of Graft's that stands as a config. */
export async function documentFor({ versions }: Readings, name: string, digest: string): Promise<Document | undefined> {
  const holds = ({ documents }: Artifact): boolean => documents.some((document) => document.digest === digest);
  const found = await findArtifact(versions, name, holds);
  return found?.artifact.documents.find((document) => document.digest === digest);
}

/** Whether a version of a name needs the bytes of a digest. */
export async function holdsBlob({ versions }: Readings, name: string, digest: Digest): Promise<boolean> {
  const found = await find(
    versions,
    name,
    (version) => version.digest === digest || (version.files ?? []).some((file) => file.digest === digest),
  );
  return found !== undefined;
}

async function findArtifact(
  versions: Readings["versions"],
  name: string,
  matches: (artifact: Artifact) => boolean,
): Promise<{ version: StoredVersion; artifact: Artifact } | undefined> {
  let artifact: Artifact | undefined;
  const version = await find(versions, name, async (candidate) => matches((artifact = await versionArtifact(candidate))));
  return version === undefined || artifact === undefined ? undefined : { version, artifact };
}

/** The first version, newest first, that a question is answered yes for. What a version looks like as an artifact is not stored. */
async function find(
  versions: Readings["versions"],
  name: string,
  matches: (version: StoredVersion) => boolean | Promise<boolean>,
): Promise<StoredVersion | undefined> {
  for (let after: string | undefined; ;) {
    const page = await versions.list(name, { limit: PAGE, after });
    for (const { version } of page) {
      const stored = await versions.get(name, version);
      if (stored !== undefined && (await matches(stored))) return stored;
    }
    if (page.length < PAGE) return undefined;
    after = page.at(-1)?.version;
  }
}
