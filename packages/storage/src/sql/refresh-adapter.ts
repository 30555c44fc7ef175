import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Database } from "./schema.ts";
import { indexAdapter, indexAllAdapters } from "./search/index-adapter.ts";

/**
 * Brings up to date what is derived of an adapter: the versions that fit something, and what search knows of it. Part of every
 * transaction that adds or hides a version, moves `newest`, or changes who may read the adapter.
 */
export async function refreshAdapter(transaction: Kysely<Database>, name: string): Promise<void> {
  await transaction.deleteFrom("adapter_fits").where("name", "=", name).execute();
  await insertFits(transaction, sql`name = ${name}`);
  await indexAdapter(transaction, name);
}

/** The same for all adapters of a registry. */
export async function refreshAllAdapters(transaction: Kysely<Database>): Promise<void> {
  await transaction.deleteFrom("adapter_fits").execute();
  await insertFits(transaction, sql`true`);
  await indexAllAdapters(transaction);
}

/** Per base and set of targets the release, or else the pre-release, that is newest. */
async function insertFits(transaction: Kysely<Database>, which: RawBuilder<boolean>): Promise<void> {
  await sql`insert into adapter_fits (base, name, target_set, version_id, prerelease, sort)
    select base, name, target_set, id, prerelease, sort from (
      select base, name, coalesce(target_set, 0) as target_set, id, prerelease, sort,
        row_number() over (partition by name, base, coalesce(target_set, 0) order by prerelease, sort desc, id desc) as place
      from versions where withdrawn_at is null and ${which}
    ) ranked where place = 1`.execute(transaction);
}
