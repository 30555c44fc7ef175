import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Viewer } from "../../metadata/viewer.ts";
import { textList } from "../dialect.ts";
import type { Database } from "../schema.ts";

/** Whether a viewer may see the row of `search_entries` at hand: as `visibleTo` says it of adapters. */
export function visibleEntries(database: Kysely<Database>, { everything, scopes, names }: Viewer): RawBuilder<boolean> {
  if (everything) return sql`true`;
  const ways = [sql`search_entries.is_public = 1`];
  if (scopes.length > 0) ways.push(sql`search_entries.publisher in ${textList(database, scopes)}`);
  if (names.length > 0) ways.push(sql`search_entries.name in ${textList(database, names)}`);
  return sql`(${sql.join(ways, sql` or `)})`;
}
