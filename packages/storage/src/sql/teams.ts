import { GraftError } from "@graft/error";
import type { Kysely, Selectable, Transaction } from "kysely";
import type { AuditEntry } from "../metadata/audit-store.ts";
import type { StoredTeam, TeamRole, TeamStore } from "../metadata/team-store.ts";
import { appendAudit } from "./audit.ts";
import { lock } from "./dialect.ts";
import { assertThere, changeGrants } from "./grants.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";

/** Teams in SQL. */
export function sqlTeams(database: Kysely<Database>): TeamStore {
  const change = (entry: AuditEntry, work: (transaction: Transaction<Database>) => Promise<void>) =>
    transact(database, async (transaction) => {
      await work(transaction);
      await appendAudit(transaction, entry);
    });
  return {
    create: ({ maintainer, name, createdAt, createdBy }, entry) =>
      change(entry, async (transaction) => {
        await lock(transaction, `team ${name}`);
        const taken = await transaction.selectFrom("teams").select("name").where("name", "=", name).executeTakeFirst();
        if (taken !== undefined)
          throw new GraftError("CONFLICT", `Cannot make the team "${name}": the name is taken`, { hint: "Choose another name" });
        await transaction.insertInto("teams").values({ name, created_at: createdAt, created_by: createdBy }).execute();
        if (maintainer !== undefined) await putMember(transaction, { team: name, user: maintainer, role: "maintainer" });
      }),
    get: async (name) => {
      const row = await database.selectFrom("teams").selectAll().where("name", "=", name).executeTakeFirst();
      return row && teamOf(row);
    },
    list: async ({ limit, after, user }) => {
      let query = database.selectFrom("teams").selectAll().orderBy("name").limit(limit);
      if (after !== undefined) query = query.where("name", ">", after);
      if (user !== undefined)
        query = query.where("name", "in", database.selectFrom("team_members").select("team").where("user_name", "=", user));
      return (await query.execute()).map(teamOf);
    },
    members: async (name) => {
      const rows = await database
        .selectFrom("team_members")
        .selectAll()
        .where("team", "=", name)
        .orderBy("role")
        .orderBy("user_name")
        .execute();
      return rows.map(({ user_name, role }) => ({ user: user_name, role: role as TeamRole }));
    },
    setMember: (team, { member, entry }) =>
      change(entry, async (transaction) => {
        await assertThere(transaction, { table: "teams", name: team, what: "team" });
        await putMember(transaction, { team, ...member });
      }),
    removeMember: (team, { user, entry }) =>
      change(entry, async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom("team_members")
          .where("team", "=", team)
          .where("user_name", "=", user)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot take "${user}" out of the team "${team}": it is not in it`);
      }),
    delete: (name, entry) =>
      change(entry, async (transaction) => {
        await assertThere(transaction, { table: "teams", name, what: "team" });
        const held = await transaction.selectFrom("grants").select("scope").where("kind", "=", "team").where("holder", "=", name).execute();
        for (const { scope } of held) {
          await changeGrants(transaction, scope, async () => {
            await transaction
              .deleteFrom("grants")
              .where("scope", "=", scope)
              .where("kind", "=", "team")
              .where("holder", "=", name)
              .execute();
          });
        }
        await transaction.deleteFrom("team_members").where("team", "=", name).execute();
        await transaction.deleteFrom("teams").where("name", "=", name).execute();
      }),
  };
}

async function putMember(
  transaction: Transaction<Database>,
  { team, user, role }: { team: string; user: string; role: TeamRole },
): Promise<void> {
  await assertThere(transaction, { table: "users", name: user, what: "account" });
  await transaction
    .insertInto("team_members")
    .values({ team, user_name: user, role })
    .onConflict((conflict) => conflict.columns(["team", "user_name"]).doUpdateSet({ role }))
    .execute();
}

function teamOf({ name, created_at, created_by }: Selectable<Database["teams"]>): StoredTeam {
  return { name, createdAt: created_at, createdBy: created_by };
}
