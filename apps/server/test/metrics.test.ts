import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@graft/server";
import { expect, onTestFinished, test } from "vitest";

async function aServer() {
  const data = await mkdtemp(join(tmpdir(), "graft-metrics-"));
  const server = await startServer({ port: 0, metricsPort: 0, logLevel: "silent", data });
  onTestFinished(async () => {
    await server.close();
    await rm(data, { recursive: true });
  });
  return server;
}

const figures = async (server: Awaited<ReturnType<typeof aServer>>): Promise<string> => (await fetch(server.metricsUrl ?? "")).text();

test("requests are counted by route, method and status, on a port that is not the registry's", async () => {
  const server = await aServer();
  await fetch(`${server.url}/v1/ping`);
  await fetch(`${server.url}/v1/whoami`);
  const text = await figures(server);
  expect(text).toContain('graft_request_duration_seconds_count{route="/v1/ping",method="GET",status="200"} 1');
  expect(text).toContain('graft_request_duration_seconds_count{route="/v1/whoami",method="GET",status="401"} 1');
  expect(text).toContain("graft_faults_total 0");
  expect(text).toContain("process_resident_memory_bytes");
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
});

test("names that strangers make up do not become labels", async () => {
  const server = await aServer();
  for (let index = 0; index < 20; index++) await fetch(`${server.url}/made-up-${index}`);
  const routes = new Set([...(await figures(server)).matchAll(/_count\{route="([^"]*)"/g)].map(([, route]) => route));
  expect([...routes]).toEqual(["page"]);
});

test("a port for figures that is taken stops the start, and leaves nothing behind that listens", async () => {
  const server = await aServer();
  const data = await mkdtemp(join(tmpdir(), "graft-metrics-"));
  const metricsPort = Number(new URL(server.metricsUrl ?? "").port);
  await expect(startServer({ port: 0, metricsPort, logLevel: "silent", data })).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("GRAFT_METRICS_PORT"),
  });
  await rm(data, { recursive: true });
});
