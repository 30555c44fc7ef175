import type { Readings, StoredVersion, StoredVersionSummary } from "@graft/storage";
import { packageFiles, packageJson } from "./package-files.ts";
import type { PackageHashes } from "./package-hash.ts";

/** Versions that one answer lists, the newest first: npm wants all in one. */
const LISTED = 200;

/** What npm is told of a package; `origin` is the address that it asks at. */
export async function packument(
  { versions }: Readings,
  { name, origin, hashes }: { name: string; origin: string; hashes: PackageHashes },
): Promise<Record<string, unknown> | undefined> {
  const summaries: StoredVersionSummary[] = [];
  for (let after: string | undefined; summaries.length < LISTED;) {
    const page = await versions.list(name, { limit: 100, after });
    summaries.push(...page);
    after = page.at(-1)?.version;
    if (page.length < 100) break;
  }
  const [newest] = summaries;
  if (newest === undefined) return undefined;
  const stored = (await Promise.all(summaries.map(({ version }) => versions.get(name, version)))).filter((each) => each !== undefined);
  const entries: [string, unknown][] = [];
  for (const version of stored) entries.push([version.version, await packageVersion(version, { origin, hashes })]);
  const times = summaries.map(({ version, publishedAt }) => [version, publishedAt] as const);
  const sorted = times.map(([, time]) => time).toSorted();
  return {
    _id: name,
    name,
    ...(newest.description === undefined ? {} : { description: newest.description }),
    "dist-tags": await versions.tags(name),
    versions: Object.fromEntries(entries),
    time: { created: sorted[0], modified: sorted.at(-1), ...Object.fromEntries(times) },
    keywords: newest.keywords,
    maintainers: [],
  };
}

/** What npm is told of one version. */
export async function packageVersion(
  version: StoredVersion,
  { origin, hashes }: { origin: string; hashes: PackageHashes },
): Promise<Record<string, unknown>> {
  const { integrity } = await hashes.of(version);
  const files = packageFiles(version);
  return {
    ...packageJson(version),
    _id: `${version.name}@${version.version}`,
    ...(version.deprecated === undefined ? {} : { deprecated: version.deprecated }),
    dist: {
      integrity,
      tarball: `${origin}/npm/${version.name}/-/${tarballName(version)}`,
      fileCount: files.length,
      unpackedSize: files.reduce((sum, { size }) => sum + size, 0),
    },
  };
}

/** `topics-1.0.0.tgz`: the name without its scope. */
export function tarballName({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;
}
