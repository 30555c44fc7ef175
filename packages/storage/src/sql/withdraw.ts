import { GraftError } from "@graft/error";
import type { Kysely, Transaction } from "kysely";
import type { LogChange } from "../metadata/log-store.ts";
import type { ChangeOptions, VersionPlace } from "../metadata/version-store.ts";
import { appendLog } from "./append-log.ts";
import { appendAudit } from "./audit.ts";
import { canonicalName } from "./canonical-name.ts";
import { lock } from "./dialect.ts";
import { refreshAdapter } from "./refresh-adapter.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";

/** Takes a version out of every list and look-up; its row stays, so that its number is taken for ever. Tags go to the highest version that is left. */
export async function withdraw(
  database: Kysely<Database>,
  { name, version }: VersionPlace,
  { at, reason, entry }: ChangeOptions & { readonly reason: string },
): Promise<void> {
  await transact(database, async (transaction) => {
    await lock(transaction, `adapter ${canonicalName(name)}`);
    const { numUpdatedRows } = await transaction
      .updateTable("versions")
      .set({ withdrawn_at: at, withdrawn_why: reason })
      .where("name", "=", name)
      .where("version", "=", version)
      .where("withdrawn_at", "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot withdraw ${name}@${version}: there is no such version`);
    const newest = await newestOf(transaction, name);
    await transaction
      .updateTable("adapters")
      .set({ newest: newest?.id ?? null })
      .where("name", "=", name)
      .execute();
    await refreshAdapter(transaction, name);
    const moved = await moveTags(transaction, { name, version }, { at, newest: newest?.version });
    if (entry !== undefined) await appendAudit(transaction, entry);
    await appendLog(transaction, [{ kind: "withdraw", name, version, time: at, facts: { reason } }, ...moved]);
  });
}

/** The newest release that is left, or the newest pre-release. */
async function newestOf(transaction: Transaction<Database>, name: string): Promise<{ id: number; version: string } | undefined> {
  return await transaction
    .selectFrom("versions")
    .select(["id", "version"])
    .where("name", "=", name)
    .where("withdrawn_at", "is", null)
    .orderBy("prerelease")
    .orderBy("sort", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** `latest` goes back to the newest version that is left; other tags meant this one, and end. */
async function moveTags(
  transaction: Transaction<Database>,
  { name, version }: VersionPlace,
  { at, newest }: { at: string; newest: string | undefined },
): Promise<LogChange[]> {
  const rows = await transaction.selectFrom("tags").select("tag").where("name", "=", name).where("version", "=", version).execute();
  const changes: LogChange[] = [];
  for (const { tag } of rows) {
    const one = { name, time: at };
    const isMoved = tag === "latest" && newest !== undefined;
    if (isMoved) await transaction.updateTable("tags").set({ version: newest }).where("name", "=", name).where("tag", "=", tag).execute();
    else await transaction.deleteFrom("tags").where("name", "=", name).where("tag", "=", tag).execute();
    changes.push(
      isMoved ? { ...one, kind: "tag", version: newest, facts: { tag } } : { ...one, kind: "tag", facts: { tag, removed: true } },
    );
  }
  return changes;
}
