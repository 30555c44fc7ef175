import type { Kysely, Selectable } from "kysely";
import type { SignInStore, StoredDeviceSignIn } from "../metadata/sign-in-store.ts";
import { optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { DeviceTable } from "./tables/access.ts";
import { transact } from "./transact.ts";

/** Sessions and sign-ins under way in SQL; all are looked up by hash, or by a code that lives for minutes. */
export function sqlSignIns(database: Kysely<Database>): SignInStore {
  return {
    addSession: async ({ hash, user, createdAt, expiresAt }) => {
      await database.insertInto("sessions").values({ hash, user_name: user, created_at: createdAt, expires_at: expiresAt }).execute();
    },
    session: async (hash) => {
      const row = await database.selectFrom("sessions").selectAll().where("hash", "=", hash).executeTakeFirst();
      return row && { hash, user: row.user_name, createdAt: row.created_at, expiresAt: row.expires_at };
    },
    deleteSession: async (hash) => {
      await database.deleteFrom("sessions").where("hash", "=", hash).execute();
    },
    addDevice: async ({ hash, userCode, label, names, actions, status, user, address, expiresAt }) => {
      const row = { hash, user_code: userCode, label, names: JSON.stringify(names), actions: JSON.stringify(actions), status };
      await database
        .insertInto("devices")
        .values({ ...row, user_name: user ?? null, address: address ?? null, expires_at: expiresAt })
        .execute();
    },
    device: async (userCode) => {
      const row = await database.selectFrom("devices").selectAll().where("user_code", "=", userCode).executeTakeFirst();
      return row && deviceOf(row);
    },
    decideDevice: async (userCode, { user, approved }) => {
      const { numUpdatedRows } = await database
        .updateTable("devices")
        .set({ status: approved ? "approved" : "denied", user_name: user })
        .where("user_code", "=", userCode)
        .where("status", "=", "pending")
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    takeDevice: (hash) =>
      transact(database, async (transaction) => {
        const decided = await transaction
          .deleteFrom("devices")
          .where("hash", "=", hash)
          .where("status", "!=", "pending")
          .returningAll()
          .executeTakeFirst();
        const row = decided ?? (await transaction.selectFrom("devices").selectAll().where("hash", "=", hash).executeTakeFirst());
        return row && deviceOf(row);
      }),
    putOnce: async ({ hash, data, expiresAt }) => {
      const added = await database
        .insertInto("once")
        .values({ hash, data: JSON.stringify(data), expires_at: expiresAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return added.numInsertedOrUpdatedRows === 1n;
    },
    takeOnce: async (hash, now) => {
      const row = await database.deleteFrom("once").where("hash", "=", hash).returningAll().executeTakeFirst();
      return row === undefined || row.expires_at <= now ? undefined : (JSON.parse(row.data) as Record<string, unknown>);
    },
    sweep: async (now) => {
      for (const table of ["sessions", "devices", "once", "invitations"] as const)
        await database.deleteFrom(table).where("expires_at", "<=", now).execute();
    },
  };
}

function deviceOf(row: Selectable<DeviceTable>): StoredDeviceSignIn {
  return {
    hash: row.hash,
    userCode: row.user_code,
    label: row.label,
    names: JSON.parse(row.names) as string[],
    actions: JSON.parse(row.actions) as string[],
    status: row.status as StoredDeviceSignIn["status"],
    ...optional("user", row.user_name),
    ...optional("address", row.address),
    expiresAt: row.expires_at,
  };
}
