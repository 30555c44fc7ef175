import { createHmac, randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { anIssuer, type TestIssuer } from "./an-issuer.ts";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { publishTo } from "./an-adapter.ts";
import { anAccount, aScope, codeOf, json } from "./an-account.ts";

let registry: TestRegistry;
let forge: TestIssuer;
let owner: string;
beforeEach(async () => {
  forge = await anIssuer();
  registry = await aRegistry({ settings: { workloadIssuers: [forge.issuer], signInsPerMinute: 0 } });
  owner = (await anAccount(registry, "owner")).token;
  await aScope(registry, "acme", owner);
});
afterEach(async () => {
  await registry.close();
  await forge.stop();
});

const WORKFLOW = ".github/workflows/publish.yml";

const trust = (name: string, options: object = {}) =>
  registry.send("POST", `/v1/adapters/${name.slice(1)}/publishers`, {
    token: owner,
    body: { issuer: forge.issuer, repository: "acme/spam", workflow: WORKFLOW, ...options },
  });

/** What a run of GitHub's carries. */
const run = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> =>
  forge.token(
    {
      aud: "http://localhost",
      sub: "repo:acme/spam:ref:refs/heads/main",
      jti: randomUUID(),
      repository: "acme/spam",
      workflow_ref: `acme/spam/${WORKFLOW}@refs/heads/main`,
      ...claims,
    },
    header,
  );

const exchange = (token: string, at = registry) => at.send("POST", "/v1/sign-in/workload", { token: null, body: { token } });

test("a trusted workflow gets a token that publishes just the names that trust it, for minutes", async () => {
  expect(await codeOf(await trust("@acme/spam"))).toBe(201);
  const answer = await exchange(await run());
  expect(answer.status).toBe(201);
  const { token, record } = await json<{ token: string; record: { names: string[]; actions: string[]; expiresAt: string } }>(answer);
  expect(record).toMatchObject({ names: ["@acme/spam"], actions: ["read", "publish"] });
  expect(Date.parse(record.expiresAt) - Date.now()).toBeLessThanOrEqual(15 * 60 * 1000);
  expect(await codeOf(await publishTo(registry, { name: "@acme/spam", token }))).toBe(201);
  expect(await codeOf(await publishTo(registry, { name: "@acme/other", token }))).toBe("FORBIDDEN");
  expect(
    await codeOf(await registry.send("POST", "/v1/tokens", { token, body: { label: "x", names: ["@acme/spam"], actions: ["publish"] } })),
  ).toBe("FORBIDDEN");
  const log = JSON.stringify(await json(registry.send("GET", "/v1/scopes/acme/audit", { token: owner })));
  for (const word of ["publisher.add", "workload:acme/spam", "token.sign-in"]) expect(log).toContain(word);
});

test("a token of a workload works once, also for two who bring it at once", async () => {
  await trust("@acme/spam");
  const token = await run();
  const answers = await Promise.all([exchange(token), exchange(token), exchange(token)]);
  expect((await Promise.all(answers.map(codeOf))).toSorted()).toEqual([201, "UNAUTHORIZED", "UNAUTHORIZED"]);
  expect(await codeOf(await exchange(token))).toBe("UNAUTHORIZED");
  expect(await codeOf(await exchange(await run()))).toBe(201);
});

test("what is not the trusted workflow's is refused", async () => {
  await trust("@acme/spam");
  const now = Math.floor(Date.now() / 1000);
  const stranger = await anIssuer();
  const [, payload = ""] = (await run()).split(".");
  const signed = `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString("base64url")}.${payload}`;
  const cases: Readonly<Record<string, [string, string]>> = {
    "another repository": [await run({ repository: "evil/spam", workflow_ref: `evil/spam/${WORKFLOW}@refs/heads/main` }), "FORBIDDEN"],
    "another workflow": [await run({ workflow_ref: "acme/spam/.github/workflows/test.yml@refs/heads/main" }), "FORBIDDEN"],
    "a workflow of another repository": [await run({ workflow_ref: `evil/spam/${WORKFLOW}@refs/heads/main` }), "UNAUTHORIZED"],
    "another audience": [await run({ aud: "https://other.example.com" }), "UNAUTHORIZED"],
    "no audience": [await run({ aud: undefined }), "UNAUTHORIZED"],
    "no id": [await run({ jti: undefined }), "UNAUTHORIZED"],
    expired: [await run({ exp: now - 60 }), "UNAUTHORIZED"],
    "never expires": [await run({ exp: undefined }), "UNAUTHORIZED"],
    "made long ago": [await run({ iat: now - 3600 }), "UNAUTHORIZED"],
    "from the future": [await run({ iat: now + 3600, nbf: now + 3600, exp: now + 7200 }), "UNAUTHORIZED"],
    "another issuer": [
      await stranger.token({
        aud: "http://localhost",
        sub: "x",
        jti: "x",
        repository: "acme/spam",
        workflow_ref: `acme/spam/${WORKFLOW}@x`,
      }),
      "UNAUTHORIZED",
    ],
    "another's key": [
      await stranger.token({
        iss: forge.issuer,
        aud: "http://localhost",
        sub: "x",
        jti: "x",
        repository: "acme/spam",
        workflow_ref: `acme/spam/${WORKFLOW}@x`,
      }),
      "UNAUTHORIZED",
    ],
    unsigned: [`${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`, "UNAUTHORIZED"],
    "signed by a shared secret": [`${signed}.${createHmac("sha256", "public key").update(signed).digest("base64url")}`, "UNAUTHORIZED"],
    nonsense: ["nonsense", "UNAUTHORIZED"],
  };
  for (const [what, [token, expected]] of Object.entries(cases))
    expect([what, await codeOf(await exchange(token))]).toEqual([what, expected]);
  await stranger.stop();
});

test("whoever writes the request's host does not choose the audience", async () => {
  await trust("@acme/spam");
  const elsewhere = await run({ aud: "https://other.example.com" });
  const brought = (at: TestRegistry, token: string) =>
    at.send("POST", "/v1/sign-in/workload", {
      token: null,
      headers: { host: "other.example.com" },
      body: { token },
      origin: "https://other.example.com",
    });
  expect(await codeOf(await brought(registry, elsewhere))).toBe("FORBIDDEN");
  const named = await aRegistry({ settings: { workloadIssuers: [forge.issuer], publicUrl: "https://graft.example.com/" } });
  expect(await json(named.send("GET", "/v1/sign-in", { token: null }))).toMatchObject({ audience: "https://graft.example.com" });
  expect(await codeOf(await brought(named, elsewhere))).toBe("UNAUTHORIZED");
  await named.close();
});

test("an environment is wanted where the owner named one, and a workflow is trusted no more once it is removed", async () => {
  const { id } = await json<{ id: string }>(trust("@acme/spam", { environment: "production" }));
  expect(await codeOf(await exchange(await run()))).toBe("FORBIDDEN");
  expect(await codeOf(await exchange(await run({ environment: "staging" })))).toBe("FORBIDDEN");
  expect(await codeOf(await exchange(await run({ environment: "production" })))).toBe(201);
  expect(await json(registry.send("GET", "/v1/adapters/acme/spam/publishers", { token: owner }))).toMatchObject({
    publishers: [{ id, environment: "production" }],
  });
  expect(await codeOf(await registry.send("DELETE", `/v1/adapters/acme/other/publishers/${id}`, { token: owner }))).toBe("NOT_FOUND");
  expect((await registry.send("DELETE", `/v1/adapters/acme/spam/publishers/${id}`, { token: owner })).status).toBe(204);
  expect(await codeOf(await exchange(await run({ environment: "production" })))).toBe("FORBIDDEN");
});

test("a pipeline of GitLab's is read too", async () => {
  await trust("@acme/spam", { repository: "group/sub/spam", workflow: ".gitlab-ci.yml" });
  const pipeline = (place: string) =>
    run({
      repository: undefined,
      workflow_ref: undefined,
      project_path: "group/sub/spam",
      ci_config_ref_uri: `${place}//.gitlab-ci.yml@refs/heads/main`,
    });
  expect(await codeOf(await exchange(await pipeline("gitlab.com/evil/spam")))).toBe("UNAUTHORIZED");
  expect(await codeOf(await exchange(await pipeline("gitlab.com/group/sub/spam")))).toBe(201);
});

test("an issuer is asked for its keys once, and one that the registry was not set up with never", async () => {
  await trust("@acme/spam");
  const asking = vi.spyOn(globalThis, "fetch");
  for (let index = 0; index < 3; index++) expect(await codeOf(await exchange(await run()))).toBe(201);
  // A key id that nobody has asks again, but not as often as somebody likes.
  for (let index = 0; index < 20; index++) {
    const [, payload, signature] = (await run()).split(".");
    const header = Buffer.from(JSON.stringify({ alg: "RS256", kid: `made up ${index}` })).toString("base64url");
    expect(await codeOf(await exchange([header, payload, signature].join(".")))).toBe("UNAUTHORIZED");
  }
  const asked = asking.mock.calls.map(([url]) => new URL(String(url)).pathname);
  asking.mockRestore();
  expect(asked).toEqual(["/.well-known/openid-configuration", "/jwks"]);
  expect(await codeOf(await trust("@acme/spam", { issuer: "https://evil.example.com" }))).toBe("USAGE");
  expect(registry.faults).toEqual([]);
});
