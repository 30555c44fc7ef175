import { Pool, types } from "pg";

/** How long a PostgreSQL may take. */
export interface PostgresLimits {
  /** Connections that this process holds at most. */
  readonly connections: number;
  /** Milliseconds for a connection: to make one, or until one is free. */
  readonly connectMilliseconds: number;
  /** Milliseconds of one statement, waiting for locks included; 0 for no bound. */
  readonly statementMilliseconds: number;
}

/** A statement's answer. */
interface PostgresResult {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: unknown[];
}

/** One connection, taken from the pool. */
export interface PostgresClient {
  query(sql: string, parameters: readonly unknown[]): Promise<PostgresResult>;
  /** Back to the pool, or closed when it is of no use any more. */
  release(destroy?: boolean): void;
}

/** Connections that are made when needed. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
}

/** Milliseconds over the server's own bound, after which the network is taken for dead. */
const NETWORK_GRACE = 5_000;

const INT8 = 20;

/** A pool over a `postgres://` address. Connects lazily. */
export function openPostgresPool(url: string, { connections, connectMilliseconds, statementMilliseconds }: PostgresLimits): PostgresPool {
  const pool = new Pool({
    connectionString: url,
    application_name: "graft",
    max: connections,
    connectionTimeoutMillis: connectMilliseconds,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(statementMilliseconds === 0
      ? {}
      : {
          statement_timeout: statementMilliseconds,
          query_timeout: statementMilliseconds + NETWORK_GRACE,
          idle_in_transaction_session_timeout: statementMilliseconds,
        }),
    // Counts and sizes stay below 2^53.
    types: { getTypeParser: (oid: number, format?: string) => (oid === INT8 ? Number : types.getTypeParser(oid, format as "text")) },
  });
  // A connection that dies while nobody uses it leaves the pool by itself; without a listener it would end the process.
  pool.on("error", () => undefined);
  return {
    connect: async () => {
      const client = await pool.connect();
      // The same while one is in use: its statement fails too.
      const ignore = (): void => undefined;
      client.on("error", ignore);
      return {
        query: (sql, parameters) => client.query(sql, [...parameters]),
        release: (destroy = false) => {
          client.off("error", ignore);
          client.release(destroy);
        },
      };
    },
    end: () => pool.end(),
  };
}
