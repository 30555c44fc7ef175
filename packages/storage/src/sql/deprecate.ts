import { sql, type Kysely } from "kysely";
import type { ChangeOptions } from "../metadata/version-store.ts";
import { appendLog } from "./append-log.ts";
import { appendAudit } from "./audit.ts";
import type { Database } from "./schema.ts";
import { textList } from "./dialect.ts";
import { transact } from "./transact.ts";

/** Sets or takes back the message of versions, all in one transaction; gives those that changed. */
export async function deprecate(
  database: Kysely<Database>,
  { name, versions, message }: { readonly name: string; readonly versions: readonly string[]; readonly message: string | null },
  { at, entry }: ChangeOptions,
): Promise<string[]> {
  return await transact(database, async (transaction) => {
    const rows = await transaction
      .updateTable("versions")
      .set({ deprecated: message })
      .where("name", "=", name)
      .where(sql<boolean>`version in ${textList(transaction, versions)}`)
      .where("withdrawn_at", "is", null)
      .where("deprecated", "is distinct from", message)
      .returning("version")
      .execute();
    if (rows.length === 0) return [];
    if (entry !== undefined) await appendAudit(transaction, entry);
    const changed = rows.map(({ version }) => version);
    await appendLog(
      transaction,
      changed.map((version) => ({ kind: "deprecate", name, version, time: at, facts: message === null ? { removed: true } : { message } })),
    );
    return changed;
  });
}
