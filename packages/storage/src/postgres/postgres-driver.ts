import { setTimeout } from "node:timers/promises";
import { GraftError } from "@graft/error";
import {
  PostgresDialect,
  SelectQueryNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { undone } from "../sql/undone.ts";
import { isLost, postgresError } from "./postgres-error.ts";
import type { PostgresClient, PostgresPool } from "./postgres-pool.ts";

/** How long a server that is away is waited for, in milliseconds: a restart takes a few seconds. */
const AWAY_MILLISECONDS = 10_000;

/** Times that a read is asked again after its connection was lost. */
const READS = 3;

/** Kysely's dialect over a pool that survives a server which goes away: new connections wait for it, and reads are asked again. */
export function postgresDialect(pool: PostgresPool): PostgresDialect {
  return new PatientDialect(pool);
}

class PatientDialect extends PostgresDialect {
  readonly #pool: PostgresPool;
  constructor(pool: PostgresPool) {
    super({ pool: async () => Promise.reject(new Error("the driver below has its own pool")) });
    this.#pool = pool;
  }
  override createDriver(): Driver {
    return new PatientDriver(this.#pool);
  }
}

class PatientDriver implements Driver {
  readonly #pool: PostgresPool;
  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }
  async init(): Promise<void> {}
  async acquireConnection(): Promise<Session> {
    const connect = () => patientConnect(this.#pool);
    return new Session(await connect(), connect);
  }
  async beginTransaction(session: Session, { isolationLevel }: TransactionSettings): Promise<void> {
    await session.begin(isolationLevel === undefined ? "begin" : `begin isolation level ${isolationLevel}`);
  }
  async commitTransaction(session: Session): Promise<void> {
    await session.commit();
  }
  async rollbackTransaction(session: Session): Promise<void> {
    await session.rollback();
  }
  async releaseConnection(session: Session): Promise<void> {
    session.release();
  }
  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

/** A connection for as long as Kysely holds it: one statement, or one transaction. */
class Session implements DatabaseConnection {
  #client: PostgresClient;
  readonly #connect: () => Promise<PostgresClient>;
  #inTransaction = false;
  #isBroken = false;
  constructor(client: PostgresClient, connect: () => Promise<PostgresClient>) {
    this.#client = client;
    this.#connect = connect;
  }
  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#send(query.sql, query.parameters)) as QueryResult<Row>;
      } catch (error) {
        // What was sent inside a transaction is undone with it: the whole of it can run again.
        if (this.#inTransaction && isLost(error)) throw undone(error);
        if (!isLost(error) || this.#inTransaction || attempt === READS || !isRead(query)) throw error;
        await this.#replace();
      }
    }
  }
  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new GraftError("INTERNAL", "Cannot stream from PostgreSQL: no part of Graft asks for it");
  }
  /** A connection may have died in the pool: then nothing began, and another one is taken. */
  async begin(statement: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#send(statement);
        this.#inTransaction = true;
        return;
      } catch (error) {
        if (!isLost(error) || attempt === READS) throw error;
        await this.#replace();
      }
    }
  }
  /** Lost here, nobody knows whether it happened. */
  async commit(): Promise<void> {
    this.#inTransaction = false;
    await this.#send("commit");
  }
  async rollback(): Promise<void> {
    this.#inTransaction = false;
    if (this.#isBroken) return;
    // What went wrong before is what the caller must hear; a connection in doubt is not used again.
    await this.#send("rollback").catch(() => {
      this.#isBroken = true;
    });
  }
  release(): void {
    this.#client.release(this.#isBroken);
  }
  async #replace(): Promise<void> {
    this.#client.release(true);
    this.#client = await this.#connect();
    this.#isBroken = false;
  }
  async #send(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<unknown>> {
    try {
      const { command, rowCount, rows } = await this.#client.query(sql, parameters);
      const affected = ["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command) ? { numAffectedRows: BigInt(rowCount ?? 0) } : {};
      return { ...affected, rows };
    } catch (cause) {
      const error = postgresError(cause);
      if (isLost(error)) this.#isBroken = true;
      throw error;
    }
  }
}

function isRead(query: CompiledQuery): boolean {
  return SelectQueryNode.is(query.query) || /^\s*(?:select|with)\b/i.test(query.sql);
}

/** A connection, waiting for a server that is away. */
async function patientConnect(pool: PostgresPool): Promise<PostgresClient> {
  const deadline = performance.now() + AWAY_MILLISECONDS;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await pool.connect();
    } catch (cause) {
      const error = postgresError(cause);
      if (!isLost(error) || performance.now() > deadline) throw error;
    }
    await setTimeout(wait * (0.5 + Math.random()));
  }
}
