import { scryptHasher, type PasswordHasher } from "@graft/registry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { anAccount, aScope, codeOf, cookieOf, json, PASSWORD } from "./an-account.ts";

let registry: TestRegistry;
let now: Date;
const hashed: (string | undefined)[] = [];
beforeEach(async () => {
  now = new Date("2026-03-01T00:00:00.000Z");
  const cheap = scryptHasher({ N: 16, r: 1, p: 1 });
  const passwords: PasswordHasher = {
    hash: cheap.hash,
    verify: (password, stored) => {
      hashed.push(stored);
      return cheap.verify(password, stored);
    },
  };
  registry = await aRegistry({ clock: () => now, passwords, settings: { signInsPerMinute: 0 } });
});
afterEach(() => registry.close());

const invited = async (body: object = {}): Promise<string> =>
  (await json<{ code: string }>(registry.send("POST", "/v1/invitations", { body }))).code;
const signUp = (body: object) => registry.send("POST", "/v1/accounts", { token: null, body });
const signIn = (user: string, password: string) =>
  registry.send("POST", "/v1/sign-in/password", { token: null, body: { user, password, label: "x" } });

test("sign-up is by invitation: one code makes one account, with what it says", async () => {
  expect(await codeOf(await signUp({ name: "mallory", password: PASSWORD }))).toBe("FORBIDDEN");
  expect(await codeOf(await signUp({ name: "mallory", password: PASSWORD, invitation: "guessed" }))).toBe("NOT_FOUND");
  await registry.send("PUT", "/v1/scopes/acme", { body: {} });
  const code = await invited({ email: "a@example.com", grant: { scope: "acme", role: "publisher" } });
  const made = await signUp({ name: "alice", password: PASSWORD, invitation: code });
  expect([made.status, await made.json()]).toMatchObject([201, { name: "alice", email: "a@example.com", admin: false }]);
  expect(await codeOf(await signUp({ name: "bob", password: PASSWORD, invitation: code }))).toBe("NOT_FOUND");
  const session = await json(registry.send("GET", "/v1/session", { token: null, headers: { cookie: cookieOf(made) } }));
  expect(session).toMatchObject({ user: "alice", admin: false, roles: { acme: "publisher" } });
  const late = await invited({ expiresInDays: 1 });
  now = new Date("2026-03-02T00:00:00.000Z");
  expect(await codeOf(await signUp({ name: "carl", password: PASSWORD, invitation: late }))).toBe("NOT_FOUND");
  for (const wrong of [{ name: "alice" }, { name: "al-ice" }, { name: "a.lice" }])
    expect(await codeOf(await signUp({ ...wrong, password: PASSWORD, invitation: await invited() }))).toBe("CONFLICT");
  for (const wrong of [{ password: "short" }, { name: "../x" }, { name: "Alice" }, { admin: true }])
    expect(await codeOf(await signUp({ name: "dora", password: PASSWORD, invitation: code, ...wrong }))).toBe("USAGE");
});

test("only those who run the registry invite, list and end accounts", async () => {
  const alice = await anAccount(registry, "alice");
  const root = await anAccount(registry, "root", { admin: true });
  for (const [method, path, body] of [
    ["POST", "/v1/invitations", {}],
    ["GET", "/v1/accounts", undefined],
    ["DELETE", "/v1/accounts/root", undefined],
    ["GET", "/v1/audit", undefined],
    ["PUT", "/v1/accounts/root/password", { password: PASSWORD }],
  ] as const) {
    expect([path, await codeOf(await registry.send(method, path, { body, token: alice.token }))]).toEqual([path, "FORBIDDEN"]);
    expect([path, await codeOf(await registry.send(method, path, { body, token: null }))]).toEqual([path, "UNAUTHORIZED"]);
  }
  expect(await json(registry.send("GET", "/v1/accounts", { token: root.token }))).toMatchObject({
    accounts: [{ name: "alice" }, { name: "root", admin: true }],
  });
  // A narrow token of an administrator is narrow.
  const narrow = await json<{ token: string }>(
    registry.send("POST", "/v1/tokens", { token: root.token, body: { label: "x", names: ["@acme/*"], actions: ["admin"] } }),
  );
  expect(await codeOf(await registry.send("GET", "/v1/accounts", { token: narrow.token }))).toBe("FORBIDDEN");
  expect((await registry.send("DELETE", "/v1/accounts/alice", { token: root.token })).status).toBe(204);
  expect(await codeOf(await registry.send("GET", "/v1/whoami", { token: alice.token }))).toBe("UNAUTHORIZED");
  expect(await codeOf(await registry.send("GET", "/v1/session", { token: null, headers: { cookie: alice.cookie } }))).toBe("UNAUTHORIZED");
  expect(await codeOf(await signIn("alice", PASSWORD))).toBe("UNAUTHORIZED");
  expect(await codeOf(await registry.send("DELETE", "/v1/accounts/root", { token: root.token }))).toBe("CONFLICT");
});

test("an unknown name, a wrong password and an ended account get one answer after the same work", async () => {
  await anAccount(registry, "alice");
  await anAccount(registry, "gone");
  await registry.send("DELETE", "/v1/accounts/gone");
  const answers: unknown[] = [];
  hashed.length = 0;
  for (const user of ["alice", "gone", "nobody", "", "x".repeat(100)]) {
    const response = await signIn(user, "a wrong password");
    answers.push([response.status, await response.text(), [...response.headers]]);
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  // One hash each, whether there was something to compare with or not.
  expect(hashed.map((stored) => stored !== undefined)).toEqual([true, false, false, false, false]);
  expect((await signIn("alice", PASSWORD)).status).toBe(201);
});

test("passwords are stored by scrypt at a cost of 32 MiB, and nowhere as they are", async () => {
  const hasher = scryptHasher();
  const [first, second] = [await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)];
  expect(first).toMatch(/^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(second).not.toBe(first);
  expect([
    await hasher.verify(PASSWORD, first),
    await hasher.verify(`${PASSWORD} `, first),
    await hasher.verify(PASSWORD, undefined),
  ]).toEqual([true, false, false]);
  // The same letter in two encodings is one password.
  expect(await hasher.verify("pa\u0308ssword", await hasher.hash("p\u00e4ssword"))).toBe(true);
  await anAccount(registry, "alice");
  const stored = JSON.stringify([await registry.metadata.users.list({ limit: 10 }), await registry.metadata.audit.list({ limit: 100 })]);
  expect(stored).not.toContain(PASSWORD);
});

test("more sign-ins at once than can wait are refused, and the others are answered", async () => {
  const hasher = scryptHasher({ N: 1024, r: 8, p: 1 });
  const results = await Promise.allSettled(Array.from({ length: 80 }, () => hasher.verify(PASSWORD, undefined)));
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(80 - 52);
  expect(refused[0]).toMatchObject({ reason: { code: "RATE_LIMITED" } });
  expect(await hasher.verify(PASSWORD, await hasher.hash(PASSWORD))).toBe(true);
});

test("a new password ends the browser's session, and wants the current one", async () => {
  const alice = await anAccount(registry, "alice");
  const set = (body: object) => registry.send("PUT", "/v1/accounts/alice/password", { token: alice.token, body });
  expect(await codeOf(await set({ password: "another password" }))).toBe("UNAUTHORIZED");
  expect(await codeOf(await set({ current: "wrong", password: "another password" }))).toBe("UNAUTHORIZED");
  expect(await codeOf(await set({ current: PASSWORD, password: "another password" }))).toBe(204);
  expect(await codeOf(await registry.send("GET", "/v1/session", { token: null, headers: { cookie: alice.cookie } }))).toBe("UNAUTHORIZED");
  expect([await codeOf(await signIn("alice", PASSWORD)), await codeOf(await signIn("alice", "another password"))]).toEqual([
    "UNAUTHORIZED",
    201,
  ]);
});

test("open sign-up can be switched on", async () => {
  await registry.close();
  registry = await aRegistry({ settings: { signUp: "open" } });
  expect(await json(registry.send("GET", "/v1/sign-in", { token: null }))).toMatchObject({ signUp: "open" });
  expect(await codeOf(await signUp({ name: "alice", password: PASSWORD }))).toBe(201);
});

test("an account makes tokens for itself that never may more than it may now", async () => {
  const alice = await anAccount(registry, "alice");
  const bob = await anAccount(registry, "bob");
  await aScope(registry, "acme", alice.token);
  const token = await json<{ token: string; record: { id: string; user: string } }>(
    registry.send("POST", "/v1/tokens", { token: alice.token, body: { label: "ci", names: ["*"], actions: ["publish", "admin"] } }),
  );
  expect(token.record.user).toBe("alice");
  const owners = (given: string) => registry.send("PUT", "/v1/scopes/acme/owners/bob", { token: given, body: { role: "owner" } });
  expect(await codeOf(await owners(bob.token))).toBe("FORBIDDEN");
  expect(await codeOf(await owners(token.token))).toBe(200);
  expect(await codeOf(await registry.send("DELETE", "/v1/scopes/acme/owners/alice", { token: bob.token }))).toBe(200);
  expect(await codeOf(await owners(token.token))).toBe("FORBIDDEN");
  const listed = await json<{ tokens: { user: string }[] }>(registry.send("GET", "/v1/tokens", { token: alice.token }));
  expect(new Set(listed.tokens.map(({ user }) => user))).toEqual(new Set(["alice"]));
  expect(await codeOf(await registry.send("DELETE", `/v1/tokens/${token.record.id}`, { token: bob.token }))).toBe("FORBIDDEN");
  expect(await codeOf(await registry.send("DELETE", `/v1/tokens/${token.record.id}`, { token: alice.token }))).toBe(204);
});
