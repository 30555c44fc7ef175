import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { aClient } from "./a-client.ts";

const PING = { name: "graft", version: "0.1.0", protocol: 1 };
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function aServer(handle: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer(handle);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test("a token never travels over plain http, except to this machine", async () => {
  const asked: (string | null)[] = [];
  const answering: typeof fetch = async (_, init) => {
    asked.push(new Headers(init?.headers).get("authorization"));
    return Response.json({}, { status: 500 });
  };
  for (const registry of ["http://example.com", "http://10.0.0.1:7447", "http://127.0.0.1.example.com", "http://localhost.example.com"]) {
    const { registry: client } = await aClient({ registry, token: "graft_secret", fetch: answering });
    await expect(client.whoami()).rejects.toMatchObject({ code: "UNAUTHORIZED", message: expect.not.stringContaining("graft_secret") });
  }
  expect(asked).toEqual([]);
  for (const registry of ["https://example.com", "http://127.0.0.1:7447", "http://[::1]:7447", "http://localhost:7447"]) {
    const { registry: client } = await aClient({ registry, token: "graft_secret", fetch: answering });
    await expect(client.createToken({ label: "x", names: ["*"], actions: ["read"] })).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
    });
  }
  expect(asked).toEqual(Array.from({ length: 4 }, () => "Bearer graft_secret"));
});

test("a token does not follow a redirect to another host", async () => {
  const seen: (string | undefined)[] = [];
  const other = await aServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end("{}");
  });
  const first = await aServer((_, response) => {
    response.writeHead(307, { location: `${other.url}/elsewhere` }).end();
  });
  const { registry } = await aClient({ registry: first.url, token: "graft_secret" });
  await expect(registry.whoami()).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  expect(seen).toEqual([undefined]);
});

test("the proxy that the environment names is used, but not for this machine", async () => {
  const through: string[] = [];
  const proxy = await aServer((request, response) => {
    through.push(request.url ?? "");
    response.end();
  });
  proxy.server.on("connect", (request, socket) => {
    through.push(request.url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  const environment = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
  const { registry: far } = await aClient({ registry: "https://registry.example", environment });
  await expect(far.ping()).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  expect(new Set(through)).toEqual(new Set(["registry.example:443"]));
  const near = await aServer((_, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(PING));
  });
  const { registry: local } = await aClient({ registry: near.url, environment });
  await local.ping().catch(() => undefined);
  expect(through.filter((url) => url.includes(near.url))).toEqual([]);
});

test("a registry that is busy for a moment is asked again", async () => {
  let times = 0;
  const { url } = await aServer((_, response) => {
    times += 1;
    response.writeHead(503).end();
  });
  const { registry } = await aClient({ registry: url });
  await expect(registry.ping()).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE", message: expect.stringContaining("503") });
  expect(times).toBe(3);
});

test("a server that is no registry is told apart", async () => {
  const { url } = await aServer((_, response) => {
    response.end("<html>hello</html>");
  });
  const { registry } = await aClient({ registry: url });
  await expect(registry.ping()).rejects.toMatchObject({
    code: "REGISTRY_UNREACHABLE",
    hint: "Check that the address is that of a Graft registry",
  });
});

test("a registry that is not there is told with the address and the reason", async () => {
  const { url, server } = await aServer(() => undefined);
  server.close();
  const { registry } = await aClient({ registry: url });
  await expect(registry.ping()).rejects.toMatchObject({
    code: "REGISTRY_UNREACHABLE",
    message: `Cannot reach the registry at ${url}: ECONNREFUSED`,
  });
});
