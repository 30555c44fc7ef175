import { Kysely } from "kysely";
import type { MetadataStore } from "../metadata/metadata-store.ts";
import { migrate } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { sqlMetadataStore } from "../sql/sql-metadata-store.ts";
import { postgresDialect } from "./postgres-driver.ts";
import { openPostgresPool, type PostgresLimits } from "./postgres-pool.ts";

/** Ten connections answer thousands of requests a second; a statement that takes 10 s is a fault. */
const LIMITS: PostgresLimits = { connections: 10, connectMilliseconds: 5_000, statementMilliseconds: 10_000 };

/**
 * A metadata store in a PostgreSQL database, by its `postgres://user:password@host:port/database` address. Any number of processes may
 * share it. UNAVAILABLE when it does not answer for 10 s.
 */
export async function openPostgresStore(url: string, limits: Partial<PostgresLimits> = {}): Promise<MetadataStore> {
  const open = (bounds: PostgresLimits) => new Kysely<Database>({ dialect: postgresDialect(openPostgresPool(url, bounds)) });
  // A step of the schema may take longer than any statement should.
  const unbounded = open({ ...LIMITS, connections: 1, statementMilliseconds: 0 });
  await migrate(unbounded).finally(() => unbounded.destroy());
  return sqlMetadataStore(open({ ...LIMITS, ...limits }));
}
