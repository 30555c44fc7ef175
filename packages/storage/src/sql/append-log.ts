import { GraftError } from "@graft/error";
import type { Transaction } from "kysely";
import type { LogChange } from "../metadata/log-store.ts";
import type { Database } from "./schema.ts";

/**
 * Adds entries to the log, as the last thing that a transaction does: the row it changes is held until the commit, so entries have no
 * gap and stand in the order of the commits. CONFLICT when `signedBy` is a key that signs no more.
 */
export async function appendLog(
  transaction: Transaction<Database>,
  changes: readonly LogChange[],
  { signedBy }: { readonly signedBy?: string | undefined } = {},
): Promise<void> {
  if (changes.length === 0) return;
  const { size, key } = await transaction
    .updateTable("log_state")
    .set((state) => ({ size: state("size", "+", changes.length) }))
    .where("id", "=", 1)
    .returning(["size", "key"])
    .executeTakeFirstOrThrow();
  if (signedBy !== undefined && key !== null && key !== signedBy) {
    throw new GraftError("CONFLICT", `Cannot sign with the key ${signedBy}: the registry signs with ${key} now`, {
      hint: "Start the server again: the key was changed while it ran",
    });
  }
  const first = Number(size) - changes.length;
  for (const [index, { kind, name, version, time, facts }] of changes.entries()) {
    const text = JSON.stringify({ kind, name, version, ...facts, time });
    const row = { position: first + index, kind, name: name ?? null, version: version ?? null, text };
    await transaction
      .insertInto("log_entries")
      .values({ ...row, salt: await saltFor(transaction, name) })
      .execute();
  }
}

/** Names of private adapters stand in the tree as commitments, which the salt keeps from being guessed. */
async function saltFor(transaction: Transaction<Database>, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const adapter = await transaction.selectFrom("adapters").select("visibility").where("name", "=", name).executeTakeFirst();
  if (adapter?.visibility !== "private") return null;
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
