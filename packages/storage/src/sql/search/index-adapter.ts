import { sql, type Kysely, type Selectable } from "kysely";
import type { SearchFilter } from "../../metadata/search-store.ts";
import { textList } from "../dialect.ts";
import { removeDocument, writeDocuments } from "../full-text.ts";
import type { Database } from "../schema.ts";
import type { SearchEntryTable } from "../tables/search.ts";
import { describeAdapter } from "./describe-adapter.ts";
import { filterTerm, popularityTerm, weekOf, weekTerm } from "./search-terms.ts";

/** Adapters that are indexed at once: SQLite allows 32,766 parameters of one statement, and an entry has 17. */
const BATCH = 1_000;

/** Brings what search knows of an adapter up to date; one without a release to show leaves the search. */
export async function indexAdapter(transaction: Kysely<Database>, name: string): Promise<void> {
  if ((await indexAdapters(transaction, [name])) === 0) await removeAdapter(transaction, name);
}

/** Indexes every adapter that has a version to show. */
export async function indexAllAdapters(transaction: Kysely<Database>): Promise<void> {
  for (let last = ""; ;) {
    const adapters = await transaction
      .selectFrom("adapters")
      .select("name")
      .where("name", ">", last)
      .orderBy("name")
      .limit(BATCH)
      .execute();
    const names = adapters.map(({ name }) => name);
    if (names.length > 0) await indexAdapters(transaction, names);
    if (names.length < BATCH) return;
    last = names.at(-1) ?? last;
  }
}

/** How many have a version to show. */
async function indexAdapters(transaction: Kysely<Database>, names: readonly string[]): Promise<number> {
  const newest = await transaction
    .selectFrom("adapters")
    .innerJoin("versions", "versions.id", "adapters.newest")
    .innerJoin("bases", "bases.fingerprint", "versions.base")
    .select(["versions.id", "versions.published_at", "versions.task", "versions.method", "versions.base", "versions.manifest"])
    .select(["adapters.name", "adapters.scope", "adapters.visibility", "bases.name as base_name"])
    .where(sql<boolean>`adapters.name in ${textList(transaction, names)}`)
    .execute();
  if (newest.length === 0) return 0;
  const rows = newest.map((version) => ({
    name: version.name,
    version_id: version.id,
    is_public: version.visibility === "public" ? 1 : 0,
    publisher: version.scope,
    published_at: version.published_at,
    task: version.task,
    method: version.method,
    base: version.base,
    base_name: version.base_name,
    ...describeAdapter(version),
  }));
  const columns = Object.keys(rows[0] ?? {}) as (keyof (typeof rows)[number])[];
  const entries = await transaction
    .insertInto("search_entries")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet((update) => Object.fromEntries(columns.map((column) => [column, update.ref(`excluded.${column}`)]))),
    )
    .returningAll()
    .execute();
  await writeEntries(transaction, entries);
  return entries.length;
}

/** Writes the documents of entries anew. */
export async function writeEntries(transaction: Kysely<Database>, entries: readonly Selectable<SearchEntryTable>[]): Promise<void> {
  await writeDocuments(
    transaction,
    entries.map((entry) => ({ id: entry.id, lexemes: lexemesOf(entry) })),
  );
}

async function removeAdapter(transaction: Kysely<Database>, name: string): Promise<void> {
  const known = await transaction.selectFrom("search_entries").select("id").where("name", "=", name).executeTakeFirst();
  if (known === undefined) return;
  await removeDocument(transaction, known.id);
  await transaction.deleteFrom("search_entries").where("id", "=", known.id).execute();
}

/** All that an entry is found by: its words, the values of its filters, how popular and how new it is. */
function lexemesOf(entry: Selectable<SearchEntryTable>): string[] {
  const words = [entry.name_words, entry.tag_words, entry.description_words, entry.base_words].flatMap((text) => text.trim().split(" "));
  const values: Readonly<Record<SearchFilter, readonly string[]>> = {
    task: [entry.task],
    base: [entry.base, entry.base_name],
    method: [entry.method],
    rank: entry.rank === null ? [] : [String(entry.rank)],
    license: entry.license === null ? [] : [entry.license],
    language: JSON.parse(entry.languages) as string[],
    publisher: [entry.publisher],
  };
  const terms = Object.entries(values).flatMap(([filter, each]) => each.map((value) => filterTerm(filter as SearchFilter, value)));
  return [...new Set([...words, ...terms, popularityTerm(entry.popularity), weekTerm(weekOf(entry.published_at))])].filter(
    (word) => word !== "",
  );
}
