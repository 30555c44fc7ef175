import { GraftError } from "@graft/error";
import type { Kysely } from "kysely";
import type { StoredVersion, VersionStore } from "../metadata/version-store.ts";
import { versionOrder } from "../version-order.ts";
import { asDigest, SUMMARY_COLUMNS, summaryOf } from "./columns.ts";
import { publish } from "./publish.ts";
import type { Database } from "./schema.ts";
import type { VersionRow } from "./tables/versions.ts";
import { transact } from "./transact.ts";

/** Versions and tags in SQL. */
export function sqlVersions(database: Kysely<Database>): VersionStore {
  const versionsOf = (name: string) => database.selectFrom("versions").where("name", "=", name).orderBy("sort", "desc");
  return {
    publish: (version, tag) => publish(database, version, tag),
    get: async (name, version) => {
      const row = await database
        .selectFrom("versions")
        .selectAll()
        .where("name", "=", name)
        .where("version", "=", version)
        .executeTakeFirst();
      return row && (await versionOf(database, row));
    },
    list: async (name, { limit, after }) => {
      let query = versionsOf(name).select(SUMMARY_COLUMNS).limit(limit);
      if (after !== undefined) query = query.where("sort", "<", versionOrder(after));
      return (await query.execute()).map(summaryOf);
    },
    numbers: async (name) => (await versionsOf(name).select("version").execute()).map(({ version }) => version),
    tags: async (name) => {
      const rows = await database.selectFrom("tags").select(["tag", "version"]).where("name", "=", name).orderBy("tag").execute();
      return Object.fromEntries(rows.map(({ tag, version }) => [tag, version]));
    },
    setTag: (name, tag, version) =>
      transact(database, async (transaction) => {
        const known = await transaction
          .selectFrom("versions")
          .select("id")
          .where("name", "=", name)
          .where("version", "=", version)
          .executeTakeFirst();
        if (known === undefined) throw new GraftError("NOT_FOUND", `Cannot tag ${name}@${version}: there is no such version`);
        await transaction
          .insertInto("tags")
          .values({ name, tag, version })
          .onConflict((conflict) => conflict.columns(["name", "tag"]).doUpdateSet({ version }))
          .execute();
      }),
    deleteTag: async (name, tag) => {
      const { numDeletedRows } = await database.deleteFrom("tags").where("name", "=", name).where("tag", "=", tag).executeTakeFirst();
      if (numDeletedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot remove the tag "${tag}" of ${name}: there is no such tag`);
    },
  };
}

async function versionOf(database: Kysely<Database>, row: VersionRow): Promise<StoredVersion> {
  const targets =
    row.target_set === null
      ? []
      : await database.selectFrom("targets").select("matrix").where("target_set", "=", row.target_set).orderBy("matrix").execute();
  const adapter = await database.selectFrom("adapters").select("search_text").where("name", "=", row.name).executeTakeFirst();
  return {
    ...summaryOf(row),
    manifest: JSON.parse(row.manifest) as Record<string, unknown>,
    signatures: JSON.parse(row.signatures) as StoredVersion["signatures"],
    targets: targets.map(({ matrix }) => asDigest(matrix)),
    searchText: adapter?.search_text ?? "",
  };
}
