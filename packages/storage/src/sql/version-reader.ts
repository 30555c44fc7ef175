import type { Kysely } from "kysely";
import type { StoredFile, StoredVersion, VersionPlace, VersionReader } from "../metadata/version-store.ts";
import type { Viewer, Visibility } from "../metadata/viewer.ts";
import { versionOrder } from "../version-order.ts";
import { asDigest, SUMMARY_COLUMNS, summaryOf } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { VersionRow } from "./tables/versions.ts";
import { visibleTo } from "./visible.ts";

/** Versions and tags in SQL, as a viewer sees them. */
export function sqlVersionReader(database: Kysely<Database>, viewer: Viewer): VersionReader {
  const versionsOf = (name: string) =>
    database
      .selectFrom("versions")
      .innerJoin("adapters", "adapters.name", "versions.name")
      .where("versions.name", "=", name)
      .where(visibleTo(database, viewer));
  const present = (name: string) => versionsOf(name).where("versions.withdrawn_at", "is", null).orderBy("versions.sort", "desc");
  return {
    get: async (name, version) => {
      const row = await present(name).selectAll("versions").where("versions.version", "=", version).executeTakeFirst();
      return row && (await versionOf(database, row));
    },
    list: async (name, { limit, after }) => {
      let query = present(name).select(SUMMARY_COLUMNS).limit(limit);
      if (after !== undefined) query = query.where("versions.sort", "<", versionOrder(after));
      return (await query.execute()).map(summaryOf);
    },
    numbers: async (name) => (await present(name).select("versions.version").execute()).map(({ version }) => version),
    tags: async (name) => {
      const rows = await database
        .selectFrom("tags")
        .innerJoin("adapters", "adapters.name", "tags.name")
        .select(["tags.tag", "tags.version"])
        .where("tags.name", "=", name)
        .where(visibleTo(database, viewer))
        .orderBy("tags.tag")
        .execute();
      return Object.fromEntries(rows.map(({ tag, version }) => [tag, version]));
    },
    withdrawal: async (name, version) => {
      const row = await versionsOf(name)
        .select(["versions.digest", "versions.withdrawn_at", "versions.withdrawn_why"])
        .where("versions.version", "=", version)
        .where("versions.withdrawn_at", "is not", null)
        .executeTakeFirst();
      return row && { digest: asDigest(row.digest), at: row.withdrawn_at ?? "", reason: row.withdrawn_why ?? "" };
    },
    visibility: async (name) => {
      const row = await database
        .selectFrom("adapters")
        .select("visibility")
        .where("name", "=", name)
        .where(visibleTo(database, viewer))
        .executeTakeFirst();
      return row?.visibility as Visibility | undefined;
    },
  };
}

async function versionOf(database: Kysely<Database>, row: VersionRow): Promise<StoredVersion> {
  const targets =
    row.target_set === null
      ? []
      : await database.selectFrom("targets").select("matrix").where("target_set", "=", row.target_set).orderBy("matrix").execute();
  const files = await filesOf(database, row);
  return {
    ...summaryOf(row),
    ...(files.length === 0 ? {} : { files }),
    manifest: JSON.parse(row.manifest) as Record<string, unknown>,
    signatures: JSON.parse(row.signatures) as StoredVersion["signatures"],
    targets: targets.map(({ matrix }) => asDigest(matrix)),
  };
}

/** Files beside the adapter of a version, by path. */
export async function filesOf(database: Kysely<Database>, { name, version }: VersionPlace): Promise<StoredFile[]> {
  const rows = await database
    .selectFrom("version_files")
    .select(["path", "digest", "size"])
    .where("name", "=", name)
    .where("version", "=", version)
    .orderBy("path")
    .execute();
  return rows.map(({ path, digest, size }) => ({ path, digest: asDigest(digest), size: Number(size) }));
}
