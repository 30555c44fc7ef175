import { GraftError } from "@graft/error";
import type { Kysely } from "kysely";
import type { VersionStore } from "../metadata/version-store.ts";
import { appendLog } from "./append-log.ts";
import { appendAudit } from "./audit.ts";
import { deprecate } from "./deprecate.ts";
import { publish } from "./publish.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";
import { withdraw } from "./withdraw.ts";

/** Changes to versions and tags in SQL. */
export function sqlVersions(database: Kysely<Database>): VersionStore {
  return {
    publish: (version, options) => publish(database, version, options),
    deprecate: (change, options) => deprecate(database, change, options),
    withdraw: (place, options) => withdraw(database, place, options),
    setTag: (name, tag, { version, at, entry }) =>
      transact(database, async (transaction) => {
        const known = await transaction
          .selectFrom("versions")
          .select("id")
          .where("name", "=", name)
          .where("version", "=", version)
          .where("withdrawn_at", "is", null)
          .executeTakeFirst();
        if (known === undefined) throw new GraftError("NOT_FOUND", `Cannot tag ${name}@${version}: there is no such version`);
        await transaction
          .insertInto("tags")
          .values({ name, tag, version })
          .onConflict((conflict) => conflict.columns(["name", "tag"]).doUpdateSet({ version }))
          .execute();
        if (entry !== undefined) await appendAudit(transaction, entry);
        await appendLog(transaction, [{ kind: "tag", name, version, time: at, facts: { tag } }]);
      }),
    deleteTag: (name, tag, { at, entry }) =>
      transact(database, async (transaction) => {
        const { numDeletedRows } = await transaction.deleteFrom("tags").where("name", "=", name).where("tag", "=", tag).executeTakeFirst();
        if (numDeletedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot remove the tag "${tag}" of ${name}: there is no such tag`);
        if (entry !== undefined) await appendAudit(transaction, entry);
        await appendLog(transaction, [{ kind: "tag", name, time: at, facts: { tag, removed: true } }]);
      }),
  };
}
