import { GraftError } from "@graft/error";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { AuditEntry } from "../metadata/audit-store.ts";
import type { Role } from "../metadata/scope-store.ts";
import type { Identity, NewUser, StoredInvitation, StoredUser, UserStore } from "../metadata/user-store.ts";
import { appendAudit } from "./audit.ts";
import { canonicalName } from "./canonical-name.ts";
import { optional } from "./columns.ts";
import { lock } from "./dialect.ts";
import { putGrant } from "./grants.ts";
import type { Database } from "./schema.ts";
import type { UserTable } from "./tables/access.ts";
import { transact } from "./transact.ts";

/** Accounts and invitations in SQL. */
export function sqlUsers(database: Kysely<Database>): UserStore {
  return {
    create: (made, entry) => transact(database, (transaction) => create(transaction, made, entry)),
    get: async (name) => {
      const row = await database.selectFrom("users").selectAll().where("name", "=", name).executeTakeFirst();
      return row && userOf(row);
    },
    withIdentity: async ({ issuer, subject }) => {
      const row = await database
        .selectFrom("identities")
        .innerJoin("users", "users.name", "identities.user_name")
        .selectAll("users")
        .where("identities.issuer", "=", issuer)
        .where("identities.subject", "=", subject)
        .executeTakeFirst();
      return row && userOf(row);
    },
    list: async ({ limit, after }) => {
      let query = database.selectFrom("users").selectAll().orderBy("name").limit(limit);
      if (after !== undefined) query = query.where("name", ">", after);
      return (await query.execute()).map(userOf);
    },
    update: ({ name, passwordHash, disabledAt, isAdmin }, entry) =>
      transact(database, async (transaction) => {
        const row = {
          ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
          ...(disabledAt === undefined ? {} : { disabled_at: disabledAt }),
          ...(isAdmin === undefined ? {} : { is_admin: isAdmin ? 1 : 0 }),
        };
        const { numUpdatedRows } = await transaction.updateTable("users").set(row).where("name", "=", name).executeTakeFirst();
        if (numUpdatedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot change the account "${name}": there is no such account`);
        // Whoever had the old password, or a cookie, starts anew.
        if (passwordHash !== undefined || disabledAt !== undefined)
          await transaction.deleteFrom("sessions").where("user_name", "=", name).execute();
        if (disabledAt !== undefined) await transaction.deleteFrom("tokens").where("user_name", "=", name).execute();
        await appendAudit(transaction, entry);
      }),
    addIdentity: (name, { identity, entry }) =>
      transact(database, async (transaction) => {
        await addIdentity(transaction, { name, identity });
        await appendAudit(transaction, entry);
      }),
    invite: ({ hash, email, isAdmin, grant, createdBy, createdAt, expiresAt }, entry) =>
      transact(database, async (transaction) => {
        const row = {
          hash,
          email: email ?? null,
          is_admin: isAdmin ? 1 : 0,
          scope: grant?.scope ?? null,
          role: grant?.role ?? null,
          created_by: createdBy,
          created_at: createdAt,
          expires_at: expiresAt,
        };
        await transaction.insertInto("invitations").values(row).execute();
        await appendAudit(transaction, entry);
      }),
    invitation: (hash, now) => invitation(database, { hash, now }),
  };
}

async function create(transaction: Transaction<Database>, { user, invitation: code, identity }: NewUser, entry: AuditEntry): Promise<void> {
  const canonical = canonicalName(user.name);
  await lock(transaction, `user ${canonical}`);
  const taken = await transaction.selectFrom("users").select("name").where("canonical", "=", canonical).executeTakeFirst();
  if (taken !== undefined) {
    throw new GraftError("CONFLICT", `Cannot make the account "${user.name}": the name is taken`, { hint: "Choose another name" });
  }
  const invited = code === undefined ? undefined : await invitation(transaction, { hash: code, now: user.createdAt });
  const used =
    code === undefined ? 0n : (await transaction.deleteFrom("invitations").where("hash", "=", code).executeTakeFirst()).numDeletedRows;
  if (code !== undefined && (invited === undefined || used === 0n)) {
    throw new GraftError("NOT_FOUND", "Cannot make the account: the invitation was used or has expired", {
      hint: "Ask for another invitation",
    });
  }
  await transaction
    .insertInto("users")
    .values({
      name: user.name,
      canonical,
      email: user.email ?? null,
      is_admin: user.isAdmin ? 1 : 0,
      password_hash: user.passwordHash ?? null,
      created_at: user.createdAt,
      disabled_at: null,
    })
    .execute();
  if (identity !== undefined) await addIdentity(transaction, { name: user.name, identity });
  if (invited?.grant !== undefined)
    await putGrant(transaction, { scope: invited.grant.scope, grant: { kind: "user", name: user.name, role: invited.grant.role } });
  await appendAudit(transaction, entry);
}

async function invitation(database: Kysely<Database>, { hash, now }: { hash: string; now: string }): Promise<StoredInvitation | undefined> {
  const row = await database
    .selectFrom("invitations")
    .selectAll()
    .where("hash", "=", hash)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    hash,
    ...optional("email", row.email),
    isAdmin: row.is_admin === 1,
    ...(row.scope === null ? {} : { grant: { scope: row.scope, role: row.role as Role } }),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

async function addIdentity(transaction: Transaction<Database>, { name, identity }: { name: string; identity: Identity }): Promise<void> {
  await lock(transaction, `identity ${identity.issuer} ${identity.subject}`);
  const added = await transaction
    .insertInto("identities")
    .values({ ...identity, user_name: name })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (added.numInsertedOrUpdatedRows !== 1n)
    throw new GraftError("CONFLICT", `Cannot let "${name}" sign in by this identity: it is another account's`);
}

function userOf(row: Selectable<UserTable>): StoredUser {
  return {
    name: row.name,
    ...optional("email", row.email),
    isAdmin: row.is_admin === 1,
    ...optional("passwordHash", row.password_hash),
    createdAt: row.created_at,
    ...optional("disabledAt", row.disabled_at),
  };
}
