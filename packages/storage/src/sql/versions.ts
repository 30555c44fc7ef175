import { GraftError } from "@graft/error";
import type { Kysely } from "kysely";
import type { VersionStore } from "../metadata/version-store.ts";
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
      }),
    deleteTag: async (name, tag) => {
      const { numDeletedRows } = await database.deleteFrom("tags").where("name", "=", name).where("tag", "=", tag).executeTakeFirst();
      if (numDeletedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot remove the tag "${tag}" of ${name}: there is no such tag`);
    },
  };
}
