import { GraftError } from "@graft/error";
import type { Kysely, Selectable } from "kysely";
import type { PublisherStore, StoredPublisher } from "../metadata/publisher-store.ts";
import { appendAudit } from "./audit.ts";
import { optional } from "./columns.ts";
import { lock } from "./dialect.ts";
import type { Database } from "./schema.ts";
import type { PublisherTable } from "./tables/access.ts";
import { transact } from "./transact.ts";

/** Trusted publishers in SQL. */
export function sqlPublishers(database: Kysely<Database>): PublisherStore {
  return {
    add: (publisher, entry) =>
      transact(database, async (transaction) => {
        const { name, issuer, repository, workflow, environment } = publisher;
        await lock(transaction, `publishers ${name}`);
        const same = await transaction
          .selectFrom("publishers")
          .select("environment")
          .where("name", "=", name)
          .where("issuer", "=", issuer)
          .where("repository", "=", repository)
          .where("workflow", "=", workflow)
          .execute();
        if (same.some((known) => known.environment === (environment ?? null)))
          throw new GraftError("CONFLICT", `Cannot trust ${workflow} of ${repository} with ${name}: it is trusted already`);
        const row = { id: publisher.id, name, issuer, repository, workflow, environment: environment ?? null };
        await transaction
          .insertInto("publishers")
          .values({ ...row, created_at: publisher.createdAt, created_by: publisher.createdBy })
          .execute();
        await appendAudit(transaction, entry);
      }),
    list: async (name) => {
      const rows = await database
        .selectFrom("publishers")
        .selectAll()
        .where("name", "=", name)
        .orderBy("created_at")
        .orderBy("id")
        .limit(100)
        .execute();
      return rows.map(publisherOf);
    },
    get: async (id) => {
      const row = await database.selectFrom("publishers").selectAll().where("id", "=", id).executeTakeFirst();
      return row && publisherOf(row);
    },
    remove: (id, entry) =>
      transact(database, async (transaction) => {
        const { numDeletedRows } = await transaction.deleteFrom("publishers").where("id", "=", id).executeTakeFirst();
        if (numDeletedRows > 0n) await appendAudit(transaction, entry);
        return numDeletedRows > 0n;
      }),
    matching: async ({ issuer, repository, workflow }) => {
      const rows = await database
        .selectFrom("publishers")
        .selectAll()
        .where("issuer", "=", issuer)
        .where("repository", "=", repository)
        .where("workflow", "=", workflow)
        .orderBy("name")
        .limit(100)
        .execute();
      return rows.map(publisherOf);
    },
  };
}

function publisherOf(row: Selectable<PublisherTable>): StoredPublisher {
  return {
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    repository: row.repository,
    workflow: row.workflow,
    ...optional("environment", row.environment),
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}
