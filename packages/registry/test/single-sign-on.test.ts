import { afterEach, beforeEach, expect, test } from "vitest";
import { anIssuer, type TestIssuer } from "./an-issuer.ts";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { anAccount, codeOf, cookieOf, json } from "./an-account.ts";

let registry: TestRegistry;
let idp: TestIssuer;
let person: Record<string, unknown>;
beforeEach(async () => {
  idp = await anIssuer();
  person = { sub: "42", preferred_username: "Alice B.", email: "Alice@Example.com", email_verified: true };
  idp.server.service.on("beforeTokenSigning", (token: { payload: object }) => Object.assign(token.payload, person));
  registry = await aRegistry({
    settings: {
      singleSignOn: { issuer: idp.issuer, clientId: "graft", clientSecret: "secret", label: "Example", domains: ["example.com"] },
    },
  });
});
afterEach(async () => {
  await registry.close();
  await idp.stop();
});

const begin = (query = "") => registry.send("GET", `/v1/sign-in/oidc${query}`, { token: null });
const end = (path: string, cookie: string) => registry.send("GET", path, { token: null, headers: { cookie } });

/** Goes to the issuer as a browser does, and gives the path it is sent back to. */
async function atIssuer(location: string | null): Promise<string> {
  const response = await fetch(location ?? "", { redirect: "manual" });
  const back = new URL(response.headers.get("location") ?? "");
  expect(back.origin).toBe("http://localhost");
  return back.pathname + back.search;
}

test("somebody of an admitted domain signs in at the issuer, gets an account once, and comes back to where it began", async () => {
  expect(await json(registry.send("GET", "/v1/sign-in", { token: null }))).toMatchObject({
    singleSignOn: { label: "Example", path: "/v1/sign-in/oidc" },
  });
  const names: string[] = [];
  for (let round = 0; round < 2; round++) {
    const begun = await begin("?returnTo=/sign-in/device%3Fcode%3DX");
    const location = new URL(begun.headers.get("location") ?? "");
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      state: expect.any(String),
      nonce: expect.any(String),
    });
    const ended = await end(await atIssuer(location.href), cookieOf(begun));
    expect([ended.status, ended.headers.get("location")]).toEqual([302, "/sign-in/device?code=X"]);
    const cookie = ended.headers.getSetCookie().find((each) => each.startsWith("graft_session=")) ?? "";
    expect(cookie).toContain("HttpOnly");
    names.push(
      (await json<{ user: string }>(registry.send("GET", "/v1/session", { token: null, headers: { cookie: cookie.split(";")[0] ?? "" } })))
        .user,
    );
  }
  expect(names).toEqual(["alice-b", "alice-b"]);
  expect(await json(registry.send("GET", "/v1/accounts"))).toMatchObject({
    accounts: [{ name: "alice-b", email: "alice@example.com", admin: false }],
  });
});

test("a way back that this browser did not begin, or that was used, signs nobody in", async () => {
  const [mine, theirs] = [await begin(), await begin()];
  const path = await atIssuer(mine.headers.get("location"));
  expect(await codeOf(await end(path, ""))).toBe("UNAUTHORIZED");
  // Somebody has the victim's browser finish a sign-in of the attacker's.
  expect(await codeOf(await end(path, cookieOf(theirs)))).toBe("UNAUTHORIZED");
  expect(await codeOf(await end(path, "graft_sign_in=guessed"))).toBe("UNAUTHORIZED");
  expect((await end(path, cookieOf(mine))).status).toBe(302);
  expect(await codeOf(await end(path, cookieOf(mine)))).toBe("UNAUTHORIZED");
  const fresh = await begin();
  const forged = (await atIssuer(fresh.headers.get("location"))).replace(/code=[^&]+/, "code=forged");
  expect(await codeOf(await end(forged, cookieOf(fresh)))).toBe("UNAUTHORIZED");
  expect(await codeOf(await end("/v1/sign-in/oidc/callback?error=access_denied", cookieOf(await begin())))).toBe("UNAUTHORIZED");
});

test("an issuer that answers with another nonce or for another client is not believed", async () => {
  for (const claims of [{ nonce: "replayed" }, { aud: "another client" }, { iss: "https://other.example.com" }]) {
    person = { ...person, ...claims };
    const begun = await begin();
    expect([claims, await codeOf(await end(await atIssuer(begun.headers.get("location")), cookieOf(begun)))]).toEqual([
      claims,
      "UNAUTHORIZED",
    ]);
    person = { sub: "42" };
  }
});

test("others get an account by invitation alone, and nobody by an address that is not verified", async () => {
  const signIn = async (query = "") => {
    const begun = await begin(query);
    return await end(await atIssuer(begun.headers.get("location")), cookieOf(begun));
  };
  for (const email of [
    { email: "a@other.example" },
    { email: "a@example.com", email_verified: false },
    { email: "a@example.com", email_verified: undefined },
    { email: "example.com@evil.example" },
    { email: undefined },
  ]) {
    person = { ...person, ...email };
    expect([email, await codeOf(await signIn())]).toEqual([email, "FORBIDDEN"]);
  }
  const { code } = await json<{ code: string }>(registry.send("POST", "/v1/invitations", { body: { admin: true } }));
  expect((await signIn(`?invitation=${code}`)).status).toBe(302);
  person = { ...person, sub: "43" };
  expect(await codeOf(await signIn(`?invitation=${code}`))).toBe("FORBIDDEN");
  expect(await json(registry.send("GET", "/v1/accounts"))).toMatchObject({ accounts: [{ admin: true }] });
});

test("a name that is taken becomes another, and an account that was ended stays so", async () => {
  await anAccount(registry, "alice-b");
  const signIn = async () => {
    const begun = await begin();
    return await end(await atIssuer(begun.headers.get("location")), cookieOf(begun));
  };
  expect((await signIn()).status).toBe(302);
  const { accounts } = await json<{ accounts: { name: string }[] }>(registry.send("GET", "/v1/accounts"));
  expect(accounts.map(({ name }) => name)).toEqual(["alice-b", "alice-b2"]);
  await registry.send("DELETE", "/v1/accounts/alice-b2");
  expect(await codeOf(await signIn())).toBe("UNAUTHORIZED");
});

test("the way back leads to a page of the registry, wherever somebody wanted it to", async () => {
  for (const returnTo of [
    "https://evil.example.com",
    "//evil.example.com",
    "/\\evil.example.com",
    "javascript:alert(1)",
    "evil",
    "/\t/evil.example.com",
  ]) {
    const begun = await begin(`?returnTo=${encodeURIComponent(returnTo)}`);
    const ended = await end(await atIssuer(begun.headers.get("location")), cookieOf(begun));
    expect([returnTo, ended.headers.get("location")]).toEqual([returnTo, "/"]);
  }
});
