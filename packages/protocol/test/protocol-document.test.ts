import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CODES } from "@graft/error";
import { ErrorBody, FindRequest, ResolutionStatement, ROUTES, TokenRequest, VersionStatement } from "@graft/protocol";
import { expect, test } from "vitest";

const text = await readFile(join(import.meta.dirname, "../../../schemas/protocol.md"), "utf8");
const SCHEMAS = { ErrorBody, FindRequest, ResolutionStatement, TokenRequest, VersionStatement };

test("every route is in the text, and every path of the text is a route", () => {
  const named = new Set([...text.matchAll(/`(GET|HEAD|PUT|POST|DELETE) (\/v1\/[^`]*)`/g)].map(([, method, path]) => `${method} ${path}`));
  const routes = new Set(Object.values(ROUTES).map(({ method, path }) => `${method.toUpperCase()} ${path}`)).add("GET /v1/openapi.json");
  expect([...named].sort()).toEqual([...routes].sort());
});

test("every example is valid", () => {
  const examples = [...text.matchAll(/```json (\w+)\n([\s\S]*?)```/g)];
  expect(examples.map(([, name]) => name)).toEqual(["ErrorBody", "TokenRequest", "VersionStatement", "ResolutionStatement", "FindRequest"]);
  for (const [, name, json] of examples) expect(() => SCHEMAS[name as keyof typeof SCHEMAS].parse(JSON.parse(json ?? ""))).not.toThrow();
});

test("every code of the text exists, and every rule is one sentence on one line", () => {
  for (const [, code] of text.matchAll(/\(`([A-Z_]+)`\)/g)) expect(CODES).toHaveProperty(code ?? "");
  for (const [line] of text.matchAll(/^\d+\. .*$/gm)) expect(line).toMatch(/^\d+\. [^.]*(?:\.[^ ][^.]*)*\.$|`\.`|\bmd`\)/);
});
