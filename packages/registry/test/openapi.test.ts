import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROUTES } from "@graft/protocol";
import { openApiDocument } from "@graft/registry";
import { expect, test } from "vitest";
import { aRegistry } from "./a-registry.ts";

test("schemas/openapi.json is what the schemas generate (packages/registry/scripts/write-openapi.ts writes it)", async () => {
  const written: unknown = JSON.parse(await readFile(join(import.meta.dirname, "../../../schemas/openapi.json"), "utf8"));
  expect(written).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

test("every route of the protocol is described, and answered", async () => {
  const registry = await aRegistry();
  const { paths } = (await (await registry.send("GET", "/v1/openapi.json", { token: null })).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  for (const [name, { method, path }] of Object.entries(ROUTES)) {
    expect(paths[path]?.[method]?.operationId).toBe(name);
    const filled = path
      .replace("{digest}", `sha256:${"0".repeat(64)}`)
      .replace("{version}", "1.0.0")
      .replaceAll(/\{\w+\}/g, "x");
    const response = await registry.send(method.toUpperCase(), filled, ["put", "post"].includes(method) ? { body: {} } : {});
    const text = method === "head" ? "" : await response.text();
    expect([name, text.includes("no such route")]).toEqual([name, false]);
  }
  await registry.close();
});
