import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { publishTo } from "./an-adapter.ts";
import { anAccount, aScope, codeOf, json } from "./an-account.ts";

let registry: TestRegistry;
const tokens: Record<string, string> = {};
beforeEach(async () => {
  registry = await aRegistry({ settings: { signInsPerMinute: 0 } });
  for (const name of ["owner", "publisher", "reader", "stranger", "member"]) tokens[name] = (await anAccount(registry, name)).token;
  await aScope(registry, "acme", tokens["owner"] ?? "");
});
afterEach(() => registry.close());

const as = (who: string, method: string, path: string, body?: object) =>
  registry.send(method, path, { token: who === "nobody" ? null : (tokens[who] ?? ""), body });
const give = (holder: string, role: string) => as("owner", "PUT", `/v1/scopes/acme/owners/${holder}`, { role });

describe("roles", () => {
  beforeEach(async () => {
    await give("publisher", "publisher");
    await give("reader", "reader");
    await as("owner", "PUT", "/v1/teams/devs");
    await as("owner", "PUT", "/v1/teams/devs/members/member", {});
    await give("team:devs", "publisher");
  });

  /** What each role may do in a scope: every cell is tried. */
  const MATRIX: readonly (readonly [what: string, who: readonly string[], act: (who: string) => Promise<Response>])[] = [
    ["read a private adapter", ["owner", "publisher", "member", "reader"], (who) => as(who, "GET", "/v1/adapters/acme/secret")],
    [
      "publish",
      ["owner", "publisher", "member"],
      (who) => publishTo(registry, { name: `@acme/by-${who}`, ...(who === "nobody" ? { token: "none" } : { token: tokens[who] ?? "" }) }),
    ],
    ["move a tag", ["owner", "publisher", "member"], (who) => as(who, "PUT", "/v1/adapters/acme/secret/tags/next", { version: "1.0.0" })],
    ["see who has roles", ["owner", "publisher", "member", "reader", "stranger"], (who) => as(who, "GET", "/v1/scopes/acme/owners")],
    ["give a role", ["owner"], (who) => as(who, "PUT", "/v1/scopes/acme/owners/reader", { role: "reader" })],
    ["take a role", ["owner"], (who) => as(who, "DELETE", "/v1/scopes/acme/owners/team:devs")],
    ["say who may read", ["owner"], (who) => as(who, "PUT", "/v1/adapters/acme/secret/access", { access: "private" })],
    ["read the log", ["owner"], (who) => as(who, "GET", "/v1/scopes/acme/audit")],
    [
      "trust a workflow",
      ["owner"],
      (who) =>
        as(who, "POST", "/v1/adapters/acme/secret/publishers", {
          issuer: "https://gitlab.com",
          repository: "acme/secret",
          workflow: ".gitlab-ci.yml",
        }),
    ],
    ["set the quota", [], (who) => as(who, "PUT", "/v1/scopes/acme/quota", { bytes: 1 })],
    ["hand the scope over", ["owner"], (who) => as(who, "POST", "/v1/scopes/acme/transfer", { to: "owner" })],
  ];

  test.each(MATRIX)("%s: just those who may", async (what, may, act) => {
    await publishTo(registry, { name: "@acme/secret", access: "private", token: tokens["owner"] ?? "" });
    for (const who of ["nobody", "stranger", "reader", "member", "publisher", "owner"]) {
      const answer = await codeOf(await act(who));
      const refusal =
        who === "nobody" && what !== "read a private adapter"
          ? "UNAUTHORIZED"
          : what === "read a private adapter"
            ? "NOT_FOUND"
            : "FORBIDDEN";
      expect([what, who, answer]).toEqual([what, who, may.includes(who) ? expect.any(Number) : refusal]);
    }
  });

  test("whoever leaves a team loses what it gave", async () => {
    expect(await codeOf(await publishTo(registry, { name: "@acme/x", token: tokens["member"] ?? "" }))).toBe(201);
    await as("member", "DELETE", "/v1/teams/devs/members/member");
    expect(await codeOf(await publishTo(registry, { name: "@acme/y", token: tokens["member"] ?? "" }))).toBe("FORBIDDEN");
  });
});

test("a scope is claimed before somebody publishes into it, and the first one has it", async () => {
  const token = tokens["stranger"] ?? "";
  const early = await publishTo(registry, { name: "@beta/x", token });
  expect(await json(early)).toMatchObject({ error: { code: "FORBIDDEN", hint: expect.stringContaining("graft scope create @beta") } });
  expect(await codeOf(await as("stranger", "PUT", "/v1/scopes/beta", {}))).toBe(201);
  expect(await codeOf(await publishTo(registry, { name: "@beta/x", token }))).toBe(201);
  for (const taken of ["beta", "be-ta", "acme", "a.cme"])
    expect([taken, await codeOf(await as("reader", "PUT", `/v1/scopes/${taken}`, {}))]).toEqual([taken, "CONFLICT"]);
  expect(await codeOf(await as("reader", "PUT", "/v1/scopes/stranger", {}))).toBe("FORBIDDEN");
  expect(await codeOf(await as("reader", "PUT", "/v1/scopes/gamma", { owner: "owner" }))).toBe("FORBIDDEN");
  expect(await json(as("stranger", "GET", "/v1/scopes"))).toMatchObject({ scopes: [{ name: "beta", versions: 1, role: "owner" }] });
  // Those who run the registry publish anywhere, and make scopes for others.
  expect(await codeOf(await publishTo(registry, { name: "@delta/x" }))).toBe(201);
  expect(await codeOf(await registry.send("PUT", "/v1/scopes/epsilon", { body: { owner: "reader" } }))).toBe(201);
  expect(await json(as("reader", "GET", "/v1/scopes/epsilon/owners"))).toEqual({ owners: [{ holder: "reader", role: "owner" }] });
});

test("an account claims so many scopes and no more, or none where scopes are given", async () => {
  for (const [settings, expected] of [
    [{ scopesPerAccount: 1 }, [201, "LIMIT_EXCEEDED"]],
    [{ scopeClaims: "admins" }, ["FORBIDDEN", "FORBIDDEN"]],
  ] as const) {
    const other = await aRegistry({ settings });
    const { token } = await anAccount(other, "alice");
    const claim = async (scope: string) => codeOf(await other.send("PUT", `/v1/scopes/${scope}`, { token, body: {} }));
    expect([await claim("one"), await claim("two")]).toEqual(expected);
    await other.close();
  }
});

test("a scope goes to another owner, and is never left without one", async () => {
  expect(await codeOf(await as("owner", "DELETE", "/v1/scopes/acme/owners/owner"))).toBe("CONFLICT");
  expect(await codeOf(await as("owner", "POST", "/v1/scopes/acme/transfer", { to: "nobody" }))).toBe("NOT_FOUND");
  expect(await json(as("owner", "POST", "/v1/scopes/acme/transfer", { to: "stranger" }))).toEqual({
    owners: [{ holder: "stranger", role: "owner" }],
  });
  expect(await codeOf(await as("owner", "PUT", "/v1/scopes/acme/owners/owner", { role: "owner" }))).toBe("FORBIDDEN");
  expect(await codeOf(await as("stranger", "PUT", "/v1/scopes/acme/owners/team:none", { role: "owner" }))).toBe("NOT_FOUND");
});

test("an account's token for some names decides nothing about people, other tokens or other scopes", async () => {
  const token = tokens["owner"] ?? "";
  await as("owner", "PUT", "/v1/teams/devs");
  const make = (names: string[]) =>
    json<{ token: string; record: { id: string } }>(
      registry.send("POST", "/v1/tokens", { token, body: { label: "x", names, actions: ["admin"] } }),
    );
  const narrow = await make(["@other/*"]);
  const wide = await make(["*"]);
  for (const [method, path, body] of [
    ["PUT", "/v1/scopes/other", {}],
    ["DELETE", "/v1/scopes/acme/owners/owner", undefined],
    ["PUT", "/v1/scopes/acme/owners/reader", { role: "owner" }],
    ["PUT", "/v1/teams/ops", undefined],
    ["PUT", "/v1/teams/devs/members/reader", {}],
    ["DELETE", "/v1/teams/devs/members/owner", undefined],
    ["DELETE", `/v1/tokens/${wide.record.id}`, undefined],
  ] as const)
    expect([path, await codeOf(await registry.send(method, path, { token: narrow.token, body }))]).toEqual([path, "FORBIDDEN"]);
  expect(await codeOf(await registry.send("DELETE", `/v1/tokens/${narrow.record.id}`, { token: wide.token }))).toBe(204);
});

test("teams are changed by their maintainers", async () => {
  await as("owner", "PUT", "/v1/teams/devs");
  for (const [method, path, body] of [
    ["PUT", "/v1/teams/devs/members/stranger", { role: "maintainer" }],
    ["DELETE", "/v1/teams/devs/members/owner", undefined],
    ["DELETE", "/v1/teams/devs", undefined],
  ] as const)
    expect([path, await codeOf(await as("stranger", method, path, body))]).toEqual([path, "FORBIDDEN"]);
  expect(await codeOf(await as("stranger", "PUT", "/v1/teams/devs"))).toBe("CONFLICT");
  expect(await json(as("owner", "PUT", "/v1/teams/devs/members/reader", { role: "maintainer" }))).toMatchObject({
    members: [
      { user: "owner", role: "maintainer" },
      { user: "reader", role: "maintainer" },
    ],
  });
  expect(await codeOf(await as("reader", "PUT", "/v1/teams/devs/members/nobody", {}))).toBe("NOT_FOUND");
  expect(await json(as("stranger", "GET", "/v1/teams"))).toMatchObject({ teams: [{ name: "devs" }] });
  expect(await codeOf(await as("reader", "DELETE", "/v1/teams/devs"))).toBe(204);
});

test("the log says who did what, when and from where, to the owners of the scope", async () => {
  const token = tokens["owner"] ?? "";
  await give("publisher", "publisher");
  await publishTo(registry, { name: "@acme/spam", token });
  await registry.send("PUT", "/v1/adapters/acme/spam/access", { token, body: { access: "private" }, peer: "192.0.2.9" });
  await as("owner", "DELETE", "/v1/scopes/acme/owners/publisher");
  await as("owner", "DELETE", "/v1/scopes/acme/owners/publisher");
  const { entries } = await json<{ entries: Record<string, unknown>[] }>(as("owner", "GET", "/v1/scopes/acme/audit"));
  expect(entries.map(({ actor, action, subject, address }) => [actor, action, subject, address])).toEqual([
    ["user:owner", "owner.remove", "publisher", undefined],
    ["user:owner", "adapter.access", "@acme/spam", "192.0.2.9"],
    ["user:owner", "version.publish", "@acme/spam", undefined],
    ["user:owner", "owner.add", "publisher", undefined],
    ["user:owner", "scope.create", "acme", undefined],
  ]);
  const page = await json<{ entries: object[]; next: string }>(as("owner", "GET", "/v1/scopes/acme/audit?limit=2"));
  const rest = await json<{ entries: object[] }>(as("owner", "GET", `/v1/scopes/acme/audit?limit=3&cursor=${page.next}`));
  expect([...page.entries, ...rest.entries]).toEqual(entries);
  const all = JSON.stringify(await json(registry.send("GET", "/v1/audit?limit=100")));
  for (const action of ["account.invite", "account.create", "token.sign-in", "base.register"]) expect(all).toContain(action);
  for (const secret of [...Object.values(tokens), registry.token]) expect(all).not.toContain(secret.slice(6, 40));
});

test("a scope that is full takes no more, and its owner sees how full it is", async () => {
  const token = tokens["owner"] ?? "";
  await publishTo(registry, { name: "@acme/spam", token });
  expect(await codeOf(await registry.send("PUT", "/v1/scopes/acme/quota", { body: { versions: 1 } }))).toBe(200);
  expect(await codeOf(await publishTo(registry, { name: "@acme/spam", version: "1.1.0", token }))).toBe("QUOTA_EXCEEDED");
  expect(await codeOf(await publishTo(registry, { name: "@acme/spam", token }))).toBe(200);
  expect(await json(as("owner", "GET", "/v1/scopes/acme"))).toMatchObject({
    versions: 1,
    bytes: expect.any(Number),
    quota: { versions: 1 },
    role: "owner",
  });
  expect((await registry.send("GET", "/v1/adapters/acme/spam/versions/1.1.0")).status).toBe(404);
  const small = await aRegistry({ settings: { quotaBytes: 10 } });
  expect(await codeOf(await publishTo(small))).toBe("QUOTA_EXCEEDED");
  await small.close();
});
