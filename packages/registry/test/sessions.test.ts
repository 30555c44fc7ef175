import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { anAccount, aScope, codeOf, cookieOf, json, PASSWORD } from "./an-account.ts";

let registry: TestRegistry;
let now: Date;
beforeEach(async () => {
  now = new Date("2026-03-01T00:00:00.000Z");
  registry = await aRegistry({ clock: () => now });
});
afterEach(() => registry.close());

const signIn = (headers: Record<string, string> = {}, at = registry) =>
  at.send("POST", "/v1/session", { token: null, headers, body: { user: "alice", password: PASSWORD } });

test("a browser is signed in by a cookie that scripts and other sites do not get, and that is new each time", async () => {
  await anAccount(registry, "alice");
  const first = await signIn();
  expect(first.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^graft_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/),
  ]);
  const cookie = cookieOf(first);
  expect(await json(registry.send("GET", "/v1/session", { token: null, headers: { cookie } }))).toMatchObject({ user: "alice" });
  // A cookie that somebody planted before the sign-in means nothing after it, and neither does the old one.
  const second = await signIn({ cookie, origin: "http://localhost" });
  expect(cookieOf(second)).not.toBe(cookie);
  expect(await codeOf(await registry.send("GET", "/v1/session", { token: null, headers: { cookie } }))).toBe("UNAUTHORIZED");
  const planted = await signIn({ cookie: "graft_session=planted", origin: "http://localhost" });
  expect(cookieOf(planted)).not.toContain("planted");
  now = new Date("2026-03-08T00:00:00.000Z");
  expect(await codeOf(await registry.send("GET", "/v1/session", { token: null, headers: { cookie: cookieOf(second) } }))).toBe(
    "UNAUTHORIZED",
  );
});

test("off loopback the cookie is Secure and bound to its host", async () => {
  const other = await aRegistry({ settings: { publicUrl: "https://graft.example.com" } });
  await anAccount(other, "alice");
  const response = await signIn({ origin: "https://graft.example.com" }, other);
  expect(response.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-graft_session=[\w-]{43}; .*HttpOnly; Secure; SameSite=Lax$/),
  ]);
  await other.close();
});

test("what a cookie may change, only a page of the registry can ask for", async () => {
  const { cookie, token } = await anAccount(registry, "alice");
  await aScope(registry, "acme", token);
  const make = (headers: Record<string, string>) =>
    registry.send("PUT", "/v1/teams/devs", { token: null, headers: { cookie, ...headers } });
  for (const headers of [
    {},
    { origin: "https://evil.example.com" },
    { origin: "null" },
    { origin: "http://localhost.evil.example.com" },
    { origin: "" },
  ])
    expect([headers, await codeOf(await make(headers))]).toEqual([headers, "FORBIDDEN"]);
  expect(await codeOf(await make({ origin: "http://localhost" }))).toBe(201);
  // Reading needs none: other origins cannot see what comes back.
  const read = await registry.send("GET", "/v1/scopes", { token: null, headers: { cookie, origin: "https://evil.example.com" } });
  expect([read.status, read.headers.get("access-control-allow-credentials"), read.headers.get("cache-control")]).toEqual([
    200,
    null,
    "private",
  ]);
  // Signing somebody in from another page would have them work for another's account.
  expect(await codeOf(await signIn({ origin: "https://evil.example.com" }))).toBe("FORBIDDEN");
  // A token counts before a cookie, and needs no origin.
  expect(await codeOf(await registry.send("PUT", "/v1/teams/ops", { token, headers: { cookie } }))).toBe(201);
});

test("behind a proxy that speaks TLS the host decides, and the public address where it is set", async () => {
  const { cookie } = await anAccount(registry, "alice");
  const proxied = { cookie, host: "graft.example.com", origin: "https://graft.example.com" };
  expect(await codeOf(await registry.send("PUT", "/v1/teams/devs", { token: null, headers: proxied }))).toBe(201);
  expect(
    await codeOf(
      await registry.send("PUT", "/v1/teams/ops", { token: null, headers: { ...proxied, origin: "https://other.example.com" } }),
    ),
  ).toBe("FORBIDDEN");
});

test("signing out ends the session", async () => {
  const { cookie } = await anAccount(registry, "alice");
  expect((await registry.send("DELETE", "/v1/session", { token: null, headers: { cookie, origin: "http://localhost" } })).status).toBe(204);
  expect(await codeOf(await registry.send("GET", "/v1/session", { token: null, headers: { cookie } }))).toBe("UNAUTHORIZED");
});

test("a program signs in when a person allows it in a browser, once", async () => {
  const { cookie, token } = await anAccount(registry, "alice");
  const begin = () =>
    json<{ deviceCode: string; userCode: string; verificationUriComplete: string }>(
      registry.send("POST", "/v1/sign-in/devices", { token: null, body: { label: "laptop", actions: ["read"] }, peer: "192.0.2.7" }),
    );
  const ask = (deviceCode: string) => registry.send("POST", "/v1/sign-in/device-token", { token: null, body: { deviceCode } });
  const browser = { cookie, origin: "http://localhost" };
  const answer = (userCode: string, approve: boolean, init: object = { token: null, headers: browser }) =>
    registry.send("POST", `/v1/sign-in/devices/${userCode}`, { body: { approve }, ...init });

  const device = await begin();
  expect(device.verificationUriComplete).toBe(`http://localhost/sign-in/device?code=${device.userCode}`);
  expect(await codeOf(await ask(device.deviceCode))).toBe("SIGN_IN_PENDING");
  const question = await registry.send("GET", `/v1/sign-in/devices/${device.userCode.toLowerCase().replace("-", "")}`, {
    token: null,
    headers: { cookie },
  });
  expect(await question.json()).toMatchObject({ label: "laptop", actions: ["read"], address: "192.0.2.7", status: "pending" });
  // Neither a token, nor the registry's own, nor nobody can allow it.
  expect(await codeOf(await answer(device.userCode, true, { token }))).toBe("FORBIDDEN");
  expect(await codeOf(await answer(device.userCode, true, {}))).toBe("FORBIDDEN");
  expect(await codeOf(await answer(device.userCode, true, { token: null }))).toBe("UNAUTHORIZED");
  expect(await codeOf(await answer(device.userCode, true))).toBe(200);
  expect(await codeOf(await answer(device.userCode, false))).toBe("CONFLICT");
  const [first, second] = await Promise.all([ask(device.deviceCode), ask(device.deviceCode)]);
  const codes = [await codeOf(first.clone()), await codeOf(second.clone())];
  expect(codes.toSorted()).toEqual([201, "NOT_FOUND"]);
  const given = await json<{ token: string; record: object }>(codes[0] === 201 ? first : second);
  expect(given.record).toMatchObject({ label: "laptop", user: "alice", actions: ["read"] });
  expect(await codeOf(await registry.send("GET", "/v1/whoami", { token: given.token }))).toBe(200);

  const refused = await begin();
  await answer(refused.userCode, false);
  expect(await codeOf(await ask(refused.deviceCode))).toBe("FORBIDDEN");
  const slow = await begin();
  now = new Date(now.getTime() + 10 * 60 * 1000);
  expect(await codeOf(await answer(slow.userCode, true))).toBe("NOT_FOUND");
  expect(await codeOf(await ask(slow.deviceCode))).toBe("NOT_FOUND");
  expect(await codeOf(await ask("guessed"))).toBe("NOT_FOUND");
});
