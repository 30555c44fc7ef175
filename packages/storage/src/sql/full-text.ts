import { sql, type Kysely, type RawBuilder } from "kysely";
import { isPostgres, type ColumnTypes } from "./dialect.ts";

/**
 * Full text, the one thing that the databases do in ways of their own: FTS5 in SQLite, a `tsvector` with a GIN index in PostgreSQL.
 * Both hold what `search-terms.ts` made of an adapter, words and filters alike, and neither takes words apart again.
 */

/** A word, or the beginning of one. */
export interface Lexeme {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** All groups must match, and of each group any lexeme. */
export type Expression = readonly (readonly Lexeme[])[];

/** Statements that make the index. */
export function fullTextIndex({ isPostgres: postgres }: ColumnTypes): readonly string[] {
  return postgres
    ? [
        "alter table search_entries add column document tsvector not null default ''",
        "create index search_entries_by_document on search_entries using gin (document)",
      ]
    : [
        // Without positions, since nobody asks for phrases; prefixes of up to four letters have lists of their own.
        `create virtual table search_index using fts5 (
          words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '2 3 4')`,
      ];
}

/** What an entry is found by. */
interface Document {
  readonly id: number;
  readonly lexemes: readonly string[];
}

/** Makes entries findable by their lexemes, and by no others. */
export async function writeDocuments<Tables>(transaction: Kysely<Tables>, documents: readonly Document[]): Promise<void> {
  if (isPostgres(transaction)) {
    await sql`update search_entries set document = array_to_tsvector(array(select json_array_elements_text(written.lexemes)))
      from json_to_recordset(${JSON.stringify(documents)}::json) as written (id bigint, lexemes json) where search_entries.id = written.id`.execute(
      transaction,
    );
    return;
  }
  for (const { id, lexemes } of documents) {
    await sql`delete from search_index where rowid = ${id}`.execute(transaction);
    await sql`insert into search_index (rowid, words) values (${id}, ${lexemes.join(" ")})`.execute(transaction);
  }
}

/** Takes an entry out of the index, before its row goes. */
export async function removeDocument<Tables>(transaction: Kysely<Tables>, id: number): Promise<void> {
  if (!isPostgres(transaction)) await sql`delete from search_index where rowid = ${id}`.execute(transaction);
}

/** What stands after `from` and after `where` to get the rows of `search_entries` that match; everything when nothing is asked. */
export function matching<Tables>(
  database: Kysely<Tables>,
  expression: Expression,
): { readonly from: RawBuilder<unknown>; readonly where: RawBuilder<boolean> } {
  const entries = sql`search_entries`;
  if (expression.length === 0) return { from: entries, where: sql`true` };
  if (expression.some((group) => group.length === 0)) return { from: entries, where: sql`false` };
  if (isPostgres(database)) return { from: entries, where: sql`document @@ ${written(expression, POSTGRES)}::tsquery` };
  // The index first: as a condition it would be worked out whole before the first row.
  return {
    from: sql`search_index cross join search_entries on search_entries.id = search_index.rowid`,
    where: sql`search_index match ${written(expression, SQLITE)}`,
  };
}

/** How many entries match, whoever may see them; counting stops at a bound. */
export async function countMatches<Tables>(database: Kysely<Tables>, expression: Expression, most: number): Promise<number> {
  const indexed = expression.length > 0 && expression.every((group) => group.length > 0) && !isPostgres(database);
  const { from, where } = indexed
    ? { from: sql`search_index`, where: sql`search_index match ${written(expression, SQLITE)}` }
    : matching(database, expression);
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from (select 1 from ${from} where ${where} limit ${most}) as counted`.execute(database);
  return rows[0]?.count ?? 0;
}

interface Grammar {
  readonly and: string;
  readonly or: string;
  lexeme(lexeme: Lexeme): string;
}

// Lexemes are letters and digits: nothing in them has a meaning here.
const POSTGRES: Grammar = { and: " & ", or: " | ", lexeme: ({ text, isPrefix }) => `'${text}'${isPrefix ? ":*" : ""}` };
const SQLITE: Grammar = { and: " AND ", or: " OR ", lexeme: ({ text, isPrefix }) => `"${text}"${isPrefix ? " *" : ""}` };

function written(expression: Expression, { and, or, lexeme }: Grammar): string {
  return expression.map((group) => `(${group.map(lexeme).join(or)})`).join(and);
}
