import { GraftError } from "@graft/error";
import { sql, type Kysely, type Transaction } from "kysely";
import type { CopyStore, TableRows } from "../metadata/copy-store.ts";
import { isPostgres } from "./dialect.ts";
import type { Database } from "./schema.ts";
import { writeEntries } from "./search/index-adapter.ts";

/** Every table with what is worth carrying, so that what a row refers to comes before it. Marks of blobs are of the store that they are in. */
const CARRIED = {
  bases: true,
  base_matrices: true,
  base_files: true,
  users: true,
  identities: true,
  invitations: true,
  scopes: true,
  grants: true,
  teams: true,
  team_members: true,
  sessions: true,
  devices: true,
  once: true,
  publishers: true,
  tokens: true,
  target_sets: true,
  targets: true,
  adapters: true,
  versions: true,
  adapter_fits: true,
  tags: true,
  version_files: true,
  staged_versions: true,
  staged_blobs: true,
  search_entries: true,
  download_days: true,
  log_entries: true,
  log_state: true,
  log_roots: true,
  signing_keys: true,
  audit: true,
  blob_uploads: true,
} as const satisfies Readonly<Record<Exclude<keyof Database, "blob_marks">, true>>;

const TABLES = Object.keys(CARRIED);

/** What says that a registry was used. */
const USED = ["bases", "users", "versions", "log_entries"] as const;

/** Tables whose keys the database gives. */
const NUMBERED = ["target_sets", "versions", "search_entries", "audit"] as const;

/** Rows of one statement; SQLite takes 32,766 parameters. */
const PAGE = 500;

/** Copies of all tables in SQL. */
export function sqlCopies(database: Kysely<Database>): CopyStore {
  return {
    dump: (take) =>
      database
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute(async (transaction) => {
          for (const table of TABLES) await dumpTable(transaction, { table, take });
        }),
    load: (give) =>
      database.transaction().execute(async (transaction) => {
        await refuseUsed(transaction);
        for (const table of TABLES.toReversed()) await sql`delete from ${sql.table(table)}`.execute(transaction);
        await give((part) => loadRows(transaction, part));
        await writeEntries(transaction, await transaction.selectFrom("search_entries").selectAll().execute());
        if (isPostgres(transaction)) for (const table of NUMBERED) await goOnNumbering(transaction, table);
      }),
  };
}

async function dumpTable(
  transaction: Transaction<Database>,
  { table, take }: { table: string; take: (part: TableRows) => Promise<void> },
): Promise<void> {
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(table)} order by ${isPostgres(transaction) ? sql`ctid` : sql`rowid`} limit ${PAGE} offset ${offset}`.execute(
      transaction,
    );
    if (rows.length > 0) await take({ table, rows: table === "search_entries" ? rows.map(withoutIndex) : rows });
    if (rows.length < PAGE) return;
  }
}

/** What full text is made of differs between databases: it is written anew. */
function withoutIndex(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([column]) => column !== "document"));
}

async function loadRows(transaction: Transaction<Database>, { table, rows }: TableRows): Promise<void> {
  const [first] = rows;
  if (first === undefined || !Object.hasOwn(CARRIED, table)) return;
  const columns = Object.keys(first);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const values = sql.join(rows.map((row) => sql`(${sql.join(columns.map((column) => row[column] ?? null))})`));
  await sql`insert into ${sql.table(table)} (${names}) values ${values}`.execute(transaction);
}

async function refuseUsed(transaction: Transaction<Database>): Promise<void> {
  for (const table of USED) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction);
    if (rows.length === 0) continue;
    throw new GraftError("CONFLICT", "Cannot fill the database: there is a registry in it already", { hint: "Name an empty one" });
  }
}

async function goOnNumbering(transaction: Transaction<Database>, table: string): Promise<void> {
  await sql`select setval(pg_get_serial_sequence(${table}, 'id'), (select coalesce(max(id), 0) + 1 from ${sql.table(table)}), false)`.execute(
    transaction,
  );
}
