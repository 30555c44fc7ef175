import { sql, type Kysely, type RawBuilder } from "kysely";
import type { DownloadStore } from "../metadata/download-store.ts";
import type { AdapterDownloads } from "../metadata/search-store.ts";
import { asDigest } from "./columns.ts";
import { textList } from "./dialect.ts";
import type { Database } from "./schema.ts";
import { writeEntries } from "./search/index-adapter.ts";
import { popularityOf } from "./search/search-terms.ts";
import { transact } from "./transact.ts";

/** Downloads in SQL. */
export function sqlDownloads(database: Kysely<Database>): DownloadStore {
  return {
    add: async (day, counts) => {
      if (counts.size === 0) return;
      await transact(database, async (transaction) => {
        const versions = await transaction
          .selectFrom("versions")
          .select(["id", "name", "digest"])
          .where(sql<boolean>`digest in ${textList(transaction, [...counts.keys()])}`)
          // Two servers that add the same take the rows in one order.
          .orderBy("id")
          .execute();
        const byName = new Map<string, number>();
        for (const { id, name, digest } of versions) {
          const count = counts.get(asDigest(digest)) ?? 0;
          await transaction
            .insertInto("download_days")
            .values({ version_id: id, day, count })
            .onConflict((conflict) => conflict.columns(["version_id", "day"]).doUpdateSet({ count: sql`download_days.count + ${count}` }))
            .execute();
          byName.set(name, (byName.get(name) ?? 0) + count);
        }
        for (const name of [...byName.keys()].toSorted()) await addToEntry(transaction, { name, count: byName.get(name) ?? 0 });
      });
    },
  };
}

/** The index is written anew only when downloads have doubled. */
async function addToEntry(transaction: Kysely<Database>, { name, count }: { name: string; count: number }): Promise<void> {
  const entry = await transaction
    .updateTable("search_entries")
    .set({ downloads: sql`downloads + ${count}` })
    .where("name", "=", name)
    .returningAll()
    .executeTakeFirst();
  if (entry === undefined) return;
  const popularity = popularityOf(entry.downloads);
  if (popularity === entry.popularity) return;
  await transaction.updateTable("search_entries").set({ popularity }).where("id", "=", entry.id).execute();
  await writeEntries(transaction, [{ ...entry, popularity }]);
}

/** Downloads of one adapter since a day; `visible` is the condition on `search_entries` of what the asker may see. */
export async function adapterDownloads(
  database: Kysely<Database>,
  { name, since, visible }: { readonly name: string; readonly since: string; readonly visible: RawBuilder<boolean> },
): Promise<AdapterDownloads> {
  const entry = await database.selectFrom("search_entries").select("downloads").where("name", "=", name).where(visible).executeTakeFirst();
  if (entry === undefined) return { total: 0, days: [], versions: [] };
  const counts = await database
    .selectFrom("download_days")
    .innerJoin("versions", "versions.id", "download_days.version_id")
    .select(["versions.version", "download_days.day", "download_days.count"])
    .where("versions.name", "=", name)
    .where("download_days.day", ">=", since)
    .execute();
  const sum = (key: "day" | "version"): Map<string, number> => {
    const sums = new Map<string, number>();
    for (const row of counts) sums.set(row[key], (sums.get(row[key]) ?? 0) + row.count);
    return sums;
  };
  return {
    total: entry.downloads,
    days: [...sum("day")].map(([day, count]) => ({ day, count })).toSorted((one, other) => (one.day < other.day ? -1 : 1)),
    versions: [...sum("version")].map(([version, count]) => ({ version, count })).toSorted((one, other) => other.count - one.count),
  };
}
