import { parentPort, workerData } from "node:worker_threads";
import { Kysely } from "kysely";
import type { Database } from "../sql/schema.ts";
import { answerSearch } from "../sql/search/search-question.ts";
import { faultOf, type ThreadAnswer, type ThreadQuestion } from "./search-thread.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

// The thread of `search-thread.ts`: a connection of its own that reads only.
const database = new Kysely<Database>({ dialect: sqliteDialect(openSqliteDatabase(String(workerData), { isReadOnly: true })) });

parentPort?.on("message", ({ id, question }: ThreadQuestion) => {
  const send = (answer: ThreadAnswer): void => parentPort?.postMessage(answer, []);
  void answerSearch(database, question).then(
    (page) => send({ id, page }),
    (cause: unknown) => send({ id, fault: faultOf(cause) }),
  );
});
