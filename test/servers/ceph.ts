import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createBucket } from "@graft/storage/node";
import { cephConfiguration } from "./ceph-configuration.ts";
import { hasCeph } from "./ceph-programs.ts";
import { freePort } from "./free-port.ts";

/** A real S3 of its own on the loopback: Ceph's gateway over one monitor and one store in memory. */
export interface CephServer {
  readonly endpoint: string;
  /** What the AWS SDK reads from the environment. */
  readonly credentials: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };
  /** The address, as `GRAFT_BLOBS` takes it, of a place that is empty yet. */
  freshAddress(): string;
  stop(): Promise<void>;
}

/** Why there is no S3; undefined when there is one. */
export const noCeph: string | undefined = hasCeph() ? undefined : "no Ceph (let npm test install radosgw, ceph-mon, ceph-osd, ceph-common)";
if (noCeph !== undefined) console.warn(`Skipped: ${noCeph}`);

const KEYS = { AWS_ACCESS_KEY_ID: "AKGRAFTTEST", AWS_SECRET_ACCESS_KEY: "graft-test-secret" };

/** Starts a server in about 12 s, and sets the SDK's variables of this process to its keys. */
export async function startCeph(): Promise<CephServer> {
  const folder = mkdtempSync(join(tmpdir(), "graft-ceph-"));
  for (const name of ["mon", "osd", "rgw", "run"]) mkdirSync(join(folder, name));
  const [gateway, monitor, oldMonitor] = [await freePort(), await freePort(), await freePort()];
  const [file, keyring, fsid, osd] = [join(folder, "ceph.conf"), join(folder, "keyring"), randomUUID(), randomUUID()];
  writeFileSync(file, cephConfiguration({ folder, fsid, gateway, monitor, oldMonitor }));
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: folder, env: { ...process.env, CEPH_CONF: file }, encoding: "utf8", stdio: "pipe" });
  const children: ChildProcess[] = [];
  const start = (program: string, ...args: string[]): void => {
    children.push(spawn(program, ["-f", ...args, "-c", file], { cwd: folder, stdio: "ignore" }));
  };
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
    for (const name of ["client.admin", "client.rgw.a"])
      run("ceph-authtool", keyring, "--gen-key", "-n", name, "--cap", "mon", "allow *", "--cap", "osd", "allow *");
    const addresses = `[v2:127.0.0.1:${monitor},v1:127.0.0.1:${oldMonitor}]`;
    run("monmaptool", "--create", "--addv", "a", addresses, "--fsid", fsid, join(folder, "monmap"));
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", join(folder, "monmap"), "--keyring", keyring, "-c", file);
    start("ceph-mon", "-i", "a");
    run("ceph", "-c", file, "osd", "new", osd);
    run("ceph-osd", "-i", "0", "-c", file, "--mkfs", "--osd-uuid", osd);
    start("ceph-osd", "-i", "0");
    start("radosgw", "-n", "client.rgw.a");
    const endpoint = `http://127.0.0.1:${gateway}`;
    await answering(endpoint, children);
    const user = ["--uid=graft", "--display-name=graft", `--access-key=${KEYS.AWS_ACCESS_KEY_ID}`];
    run("radosgw-admin", "-c", file, "user", "create", ...user, `--secret-key=${KEYS.AWS_SECRET_ACCESS_KEY}`, "--max-buckets=0");
    Object.assign(process.env, KEYS);
    await createBucket(`s3://graft?endpoint=${endpoint}`);
    let count = 0;
    return { endpoint, credentials: KEYS, freshAddress: () => `s3://graft/${++count}?endpoint=${endpoint}`, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function answering(endpoint: string, children: readonly ChildProcess[]): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (children.some(({ exitCode }) => exitCode !== null)) throw new Error("a part of Ceph ended while it started");
    if (
      await fetch(endpoint).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error("Ceph did not start in 60 s");
}
