import type { Kysely, Selectable } from "kysely";
import type { SearchFilter } from "../../metadata/search-store.ts";
import { removeDocument, writeDocument } from "../full-text.ts";
import type { Database } from "../schema.ts";
import type { SearchEntryTable } from "../tables/search.ts";
import { describeAdapter } from "./describe-adapter.ts";
import { filterTerm, popularityTerm, weekOf, weekTerm } from "./search-terms.ts";

/**
 * Brings what search knows of an adapter up to date with its newest release, its visibility and its base. Part of every transaction
 * that changes one of them; an adapter without a release to show leaves the search.
 */
export async function indexAdapter(transaction: Kysely<Database>, name: string): Promise<void> {
  const newest = await transaction
    .selectFrom("adapters")
    .innerJoin("versions", "versions.id", "adapters.newest")
    .innerJoin("bases", "bases.fingerprint", "versions.base")
    .select(["versions.id", "versions.published_at", "versions.task", "versions.method", "versions.base", "versions.manifest"])
    .select(["adapters.scope", "adapters.visibility", "bases.name as base_name"])
    .where("adapters.name", "=", name)
    .executeTakeFirst();
  if (newest === undefined) return await removeAdapter(transaction, name);
  const row = {
    name,
    version_id: newest.id,
    is_public: newest.visibility === "public" ? 1 : 0,
    publisher: newest.scope,
    published_at: newest.published_at,
    task: newest.task,
    method: newest.method,
    base: newest.base,
    base_name: newest.base_name,
    ...describeAdapter({ ...newest, name }),
  };
  const entry = await transaction
    .insertInto("search_entries")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
    .returningAll()
    .executeTakeFirstOrThrow();
  await writeEntry(transaction, entry);
}

/** Writes the document of an entry anew. */
export async function writeEntry(transaction: Kysely<Database>, entry: Selectable<SearchEntryTable>): Promise<void> {
  await writeDocument(transaction, { id: entry.id, lexemes: lexemesOf(entry) });
}

async function removeAdapter(transaction: Kysely<Database>, name: string): Promise<void> {
  const known = await transaction.selectFrom("search_entries").select("id").where("name", "=", name).executeTakeFirst();
  if (known === undefined) return;
  await removeDocument(transaction, known.id);
  await transaction.deleteFrom("search_entries").where("id", "=", known.id).execute();
}

/** All that an entry is found by: its words, the values of its filters, how popular and how new it is. */
export function lexemesOf(entry: Omit<Selectable<SearchEntryTable>, "id" | "name" | "version_id" | "is_public" | "downloads">): string[] {
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
