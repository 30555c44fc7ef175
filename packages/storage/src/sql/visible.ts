import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Viewer } from "../metadata/viewer.ts";
import { textList } from "./dialect.ts";
import type { Database } from "./schema.ts";

/** Whether a viewer may see the row of `adapters` at hand; every query that gives something of adapters has this condition. */
export function visibleTo(database: Kysely<Database>, { everything, scopes, names }: Viewer): RawBuilder<boolean> {
  if (everything) return sql`true`;
  const ways = [sql`adapters.visibility = 'public'`];
  if (scopes.length > 0) ways.push(sql`adapters.scope in ${textList(database, scopes)}`);
  if (names.length > 0) ways.push(sql`adapters.name in ${textList(database, names)}`);
  return sql`(${sql.join(ways, sql` or `)})`;
}
