import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@graft/server";

/** A registry that listens, with a folder of its own, and a way to speak to it. */
export async function runningRegistry() {
  const folder = await mkdtemp(join(tmpdir(), "graft-clients-"));
  const server = await startServer({ data: join(folder, "registry"), port: 0, logLevel: "silent" });
  const token = server.token ?? "";
  const send = (method: string, path: string, init: { body?: unknown } = {}): Promise<Response> => {
    const isBytes = init.body instanceof Uint8Array;
    const body = init.body === undefined ? null : isBytes ? (init.body as Uint8Array<ArrayBuffer>) : JSON.stringify(init.body);
    const type = isBytes ? "application/octet-stream" : "application/json";
    return fetch(server.url + path, { method, body, headers: { authorization: `Bearer ${token}`, "content-type": type } });
  };
  const close = async (): Promise<void> => {
    await server.close();
    await rm(folder, { recursive: true });
  };
  return { url: server.url, token, folder, send, close };
}

/** A registry that listens. */
export type RunningRegistry = Awaited<ReturnType<typeof runningRegistry>>;
