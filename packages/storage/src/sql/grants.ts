import { GraftError } from "@graft/error";
import type { Kysely, Transaction } from "kysely";
import type { Grant, Holder, Role } from "../metadata/scope-store.ts";
import { lock } from "./dialect.ts";
import type { Database } from "./schema.ts";

/** Gives a role in place of the one that was held. NOT_FOUND for an unknown scope, user or team. */
export async function putGrant(transaction: Transaction<Database>, { scope, grant }: { scope: string; grant: Grant }): Promise<void> {
  await assertThere(transaction, { table: "scopes", name: scope, what: "scope" });
  await assertThere(
    transaction,
    grant.kind === "user" ? { table: "users", name: grant.name, what: "account" } : { table: "teams", name: grant.name, what: "team" },
  );
  const row = { scope, kind: grant.kind, holder: grant.name, role: grant.role };
  await transaction
    .insertInto("grants")
    .values(row)
    .onConflict((conflict) => conflict.columns(["scope", "kind", "holder"]).doUpdateSet({ role: grant.role }))
    .execute();
}

/** Changes who holds what, and refuses when a scope that had an owner would have none. CONFLICT. */
export async function changeGrants(transaction: Transaction<Database>, scope: string, change: () => Promise<void>): Promise<void> {
  await lock(transaction, `grants ${scope}`);
  const before = await owners(transaction, scope);
  await change();
  if (before > 0 && (await owners(transaction, scope)) === 0) {
    throw new GraftError("CONFLICT", `Cannot leave the scope @${scope} without an owner`, { hint: "Give it another owner first" });
  }
}

async function owners(transaction: Transaction<Database>, scope: string): Promise<number> {
  const rows = await transaction.selectFrom("grants").select("holder").where("scope", "=", scope).where("role", "=", "owner").execute();
  return rows.length;
}

/** Roles of a scope: owners first, then by name. */
export async function grantsOf(database: Kysely<Database>, scope: string): Promise<Grant[]> {
  const rows = await database.selectFrom("grants").selectAll().where("scope", "=", scope).orderBy("kind").orderBy("holder").execute();
  const grants = rows.map(({ kind, holder, role }) => ({ kind: kind as Holder["kind"], name: holder, role: role as Role }));
  return grants.toSorted((left, right) => rank(right.role) - rank(left.role));
}

/** The highest role of a user in each scope, of its own or through a team. */
export async function rolesOf(database: Kysely<Database>, user: string): Promise<Record<string, Role>> {
  const teams = database.selectFrom("team_members").select("team").where("user_name", "=", user);
  const rows = await database
    .selectFrom("grants")
    .select(["scope", "role"])
    .where((where) =>
      where.or([
        where.and([where("kind", "=", "user"), where("holder", "=", user)]),
        where.and([where("kind", "=", "team"), where("holder", "in", teams)]),
      ]),
    )
    .execute();
  const roles: Record<string, Role> = {};
  for (const { scope, role } of rows as { scope: string; role: Role }[]) {
    const known = roles[scope];
    if (known === undefined || rank(role) > rank(known)) roles[scope] = role;
  }
  return roles;
}

function rank(role: Role): number {
  return { reader: 0, publisher: 1, owner: 2 }[role];
}

/** NOT_FOUND when there is no row of the name. */
export async function assertThere(
  transaction: Transaction<Database>,
  { table, name, what }: { table: "scopes" | "users" | "teams"; name: string; what: string },
): Promise<void> {
  const row = await transaction.selectFrom(table).select("name").where("name", "=", name).executeTakeFirst();
  if (row === undefined) throw new GraftError("NOT_FOUND", `Cannot find the ${what} "${name}"`);
}
