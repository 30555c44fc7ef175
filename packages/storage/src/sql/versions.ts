import { GraftError } from "@graft/error";
import type { Kysely } from "kysely";
import type { VersionStore } from "../metadata/version-store.ts";
import { appendLog } from "./append-log.ts";
import { publish } from "./publish.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";

/** Changes to versions and tags in SQL. */
export function sqlVersions(database: Kysely<Database>): VersionStore {
  return {
    publish: (version, options) => publish(database, version, options),
    setTag: (name, tag, version) =>
      transact(database, async (transaction) => {
        const known = await transaction
          .selectFrom("versions")
          .select("id")
          .where("name", "=", name)
          .where("version", "=", version)
          .executeTakeFirst();
        if (known === undefined) throw new GraftError("NOT_FOUND", `Cannot tag ${name}@${version}: there is no such version`);
        await transaction
          .insertInto("tags")
          .values({ name, tag, version })
          .onConflict((conflict) => conflict.columns(["name", "tag"]).doUpdateSet({ version }))
          .execute();
        await appendLog(transaction, [{ kind: "tag", name, version, time: new Date().toISOString(), facts: { tag } }]);
      }),
    deleteTag: (name, tag) =>
      transact(database, async (transaction) => {
        const { numDeletedRows } = await transaction.deleteFrom("tags").where("name", "=", name).where("tag", "=", tag).executeTakeFirst();
        if (numDeletedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot remove the tag "${tag}" of ${name}: there is no such tag`);
        await appendLog(transaction, [{ kind: "tag", name, time: new Date().toISOString(), facts: { tag, removed: true } }]);
      }),
  };
}
