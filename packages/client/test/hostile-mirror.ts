import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What passed a mirror: the path and query, and the answer. */
interface Passed {
  readonly path: string;
  readonly url: URL;
  body: Buffer;
  readonly json: () => Record<string, unknown>;
}

/** What a mirror does to a request: lets it pass (undefined), or answers by itself. */
export type Trick = (
  request: { readonly url: URL; readonly upstream: (path?: string) => Promise<Passed> },
  response: ServerResponse,
) => Promise<boolean>;

/** A real HTTP server between a client and a registry, which plays the trick that is set. */
export async function hostileMirror(
  registry: string,
): Promise<{ url: string; play: (trick: Trick | undefined) => void; close(): Promise<void> }> {
  let trick: Trick | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", registry);
    const upstream = async (path = url.pathname + url.search): Promise<Passed> => {
      const answered = await fetch(new URL(path, registry));
      const body = Buffer.from(await answered.arrayBuffer());
      return { path, url, body, json: () => JSON.parse(body.toString()) as Record<string, unknown> };
    };
    if ((await trick?.({ url, upstream }, response)) === true) return;
    const answered = await fetch(url, { method: request.method ?? "GET" });
    response.writeHead(answered.status, { "content-type": answered.headers.get("content-type") ?? "application/json" });
    response.end(Buffer.from(await answered.arrayBuffer()));
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play: (next) => {
      trick = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
