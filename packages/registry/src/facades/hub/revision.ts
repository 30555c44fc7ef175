import type { Manifest } from "@graft/format";
import type { StoredVersion, VersionReader } from "@graft/storage";
import { hubNotFound } from "./hub-error.ts";

/** Branch that the Hub's clients ask for when nobody says more: it is `latest`. */
const MAIN = "main";

/** Digits of a commit: the Hub's clients take 40 as something that never changes. */
const COMMIT_LENGTH = 40;

/** How many versions are looked at in one step to find a commit. */
const PAGE = 100;

/** The commit of a version: the first 40 hex digits of its digest. */
export function commitOf({ digest }: { readonly digest: string }): string {
  return digest.slice("sha256:".length, "sha256:".length + COMMIT_LENGTH);
}

/** The version that a revision means: `main`, a tag, a version, or a commit. */
export async function versionAt(versions: VersionReader, name: string, revision: string): Promise<StoredVersion> {
  const tags = await versions.tags(name);
  const tag = revision === MAIN ? "latest" : revision;
  const number = Object.hasOwn(tags, tag)
    ? tags[tag]
    : /^[0-9a-f]{40}$/.test(revision)
      ? await atCommit(versions, name, revision)
      : revision;
  const version = number === undefined ? undefined : await versions.get(name, number);
  if (version !== undefined) return version;
  const known = await versions.list(name, { limit: 1 });
  if (known.length === 0) throw hubNotFound("RepoNotFound", `${name}: there is no such adapter`);
  throw hubNotFound("RevisionNotFound", `"${revision.slice(0, 100)}" of ${name}: it is no version, tag or commit`);
}

async function atCommit(versions: VersionReader, name: string, commit: string): Promise<string | undefined> {
  for (let after: string | undefined; ;) {
    const page = await versions.list(name, { limit: PAGE, after });
    const found = page.find((version) => commitOf(version) === commit);
    if (found !== undefined || page.length < PAGE) return found?.version;
    after = page.at(-1)?.version;
  }
}

/** What the Hub's API says of a model, here of a version. */
export function modelInfo(
  version: StoredVersion,
  { files, isPrivate }: { readonly files: readonly { readonly path: string }[]; readonly isPrivate: boolean },
): Record<string, unknown> {
  const { base, task, license, keywords = [] } = version.manifest as Manifest;
  const id = version.name.slice(1);
  return {
    _id: commitOf(version),
    id,
    modelId: id,
    author: id.split("/", 1)[0],
    sha: commitOf(version),
    lastModified: version.publishedAt,
    createdAt: version.publishedAt,
    private: isPrivate,
    disabled: false,
    gated: false,
    downloads: 0,
    likes: 0,
    library_name: "peft",
    pipeline_tag: task.type,
    tags: ["peft", "safetensors", `base_model:adapter:${base.name}`, ...keywords],
    cardData: { base_model: base.name, library_name: "peft", ...(license === undefined ? {} : { license }) },
    siblings: files.map(({ path }) => ({ rfilename: path })),
  };
}
