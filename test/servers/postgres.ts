import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { postgresFolder } from "./postgres-folder.ts";

/** A PostgreSQL of its own, on the loopback, in a temporary folder. */
export interface PostgresServer {
  /** Makes a database, empty or as the one of an address is that nobody uses; its address. */
  createDatabase(template?: string): string;
  /** Runs one statement in a database, as an administrator of another program would; what it prints. */
  run(url: string, statement: string): string;
  /** Ends it as a crash does: every connection is cut, nothing is flushed. */
  kill(): Promise<void>;
  /** Starts it again over the same data, on the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const programs = postgresFolder();

/** Why there is no PostgreSQL; undefined when there is one. */
export const noPostgres: string | undefined =
  programs === undefined ? "no PostgreSQL (set GRAFT_POSTGRES to the folder of initdb, or let npm test install one)" : undefined;
if (noPostgres !== undefined) console.warn(`Skipped: ${noPostgres}`);

/** Starts a server in about a second. `isDurable: false` saves the disk's time where no test cuts the power. */
export async function startPostgres({ isDurable = false, settings = [] as readonly string[] } = {}): Promise<PostgresServer> {
  const bin = programs ?? "";
  const folder = mkdtempSync(join(tmpdir(), "graft-postgres-"));
  const user = owner();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const [data, port] = [join(folder, "data"), await freePort()];
  const as = { ...user, cwd: folder, stdio: "pipe" as const };
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "graft", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"], as);
  const options = [`listen_addresses=127.0.0.1`, `port=${port}`, `unix_socket_directories=${folder}`, "max_connections=200", ...settings];
  if (!isDurable) options.push("fsync=off", "full_page_writes=off");
  const psql = (url: string, statement: string): string =>
    execFileSync(join(bin, "psql"), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement], {
      encoding: "utf8",
      stdio: "pipe",
    }).trim();

  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(join(bin, "postgres"), ["-D", data, ...options.flatMap((option) => ["-c", option])], { ...as, stdio: "ignore" });
    await listening(port, child);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  await start();
  const urlOf = (database: string): string => `postgres://graft@127.0.0.1:${port}/${database}`;
  let count = 0;
  return {
    createDatabase: (template) => {
      const database = `registry${++count}`;
      const from = template === undefined ? "" : ` template ${new URL(template).pathname.slice(1)}`;
      psql(urlOf("postgres"), `create database ${database}${from}`);
      return urlOf(database);
    },
    run: psql,
    // SIGQUIT is PostgreSQL's "immediate": no checkpoint, no goodbye; the next start recovers.
    kill: () => end("SIGQUIT"),
    start,
    stop: async () => {
      await end("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root; Debian brings a user for it. */
function owner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`);
    if (await answers(port)) return;
    await sleep(50);
  }
  throw new Error("PostgreSQL did not start in 30 s");
}

/** Whether it takes connections: while it recovers it answers a start packet with an error, so that is asked. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    const parameters = Buffer.from("user\0graft\0database\0postgres\0\0");
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + parameters.length, 0);
    head.writeInt32BE(196_608, 4);
    socket.write(Buffer.concat([head, parameters]));
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer[0] === "R".charCodeAt(0);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
