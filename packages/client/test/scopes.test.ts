import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@graft/client/node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { aRegistry, temporaryFolder } from "./a-client.ts";

/** A registry that has the company's adapter, and another that offers one of the same name. */
let company: Awaited<ReturnType<typeof aRegistry>>;
let stranger: { url: string; asked: string[]; close(): void };
let configuration: string;
beforeAll(async () => {
  company = await aRegistry();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization ?? "no token"} ${request.url}`);
    void fetch(company.server.url + request.url).then(async (answer) =>
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stranger = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => server.close() };
});
afterAll(() => stranger.close());
beforeEach(async () => {
  configuration = join(temporaryFolder(), "config.json");
  stranger.asked.length = 0;
});

const write = (registries: { registry: string; test: string }) =>
  writeFile(
    configuration,
    JSON.stringify({ registry: registries.registry, scopes: { "@test": registries.test }, tokens: { [registries.test]: "graft_secret" } }),
  );
const pull = async (name: string, environment: Record<string, string> = {}) => {
  const client = await createClient({
    scope: name.split("/")[0],
    cache: temporaryFolder(),
    environment: { GRAFT_CONFIG: configuration, ...environment },
  });
  return client.pull(name);
};

test("a scope that is bound to a registry is asked for there alone, whatever else is set", async () => {
  await writeFile(configuration, JSON.stringify({ registry: stranger.url, scopes: { "@test": company.server.url } }));
  await expect(pull("@test/square", { GRAFT_REGISTRY: stranger.url })).resolves.toMatchObject({ record: { name: "@test/square" } });
  expect(stranger.asked).toEqual([]);
});

test("what the bound registry does not have, or when it is away, is looked for nowhere else", async () => {
  await writeFile(configuration, JSON.stringify({ registry: stranger.url, scopes: { "@test": company.server.url } }));
  await expect(pull("@test/none", { GRAFT_REGISTRY: stranger.url })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await write({ registry: stranger.url, test: "http://127.0.0.1:9" });
  await expect(pull("@test/square", { GRAFT_REGISTRY: stranger.url })).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
  expect(stranger.asked).toEqual([]);
});

test("the token of one registry is never sent to another", async () => {
  await write({ registry: stranger.url, test: company.server.url });
  await expect(pull("@other/square")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(stranger.asked.length).toBeGreaterThan(0);
  for (const line of stranger.asked) expect(line).toMatch(/^no token /);
});
