import { ROUTES, type RouteName } from "@graft/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, digestOf, publishTo } from "./an-adapter.ts";
import { codeOf, json } from "./an-account.ts";

/** What a route wants of a token of the registry's own. */
type Need =
  /** Anybody, also without a token. What is read is hidden where it is private: test/visibility.test.ts asks every way. */
  | "nothing"
  /** Any token. */
  | "a token"
  /** A token that allows an action: on anything, on a name, or on all of a scope. */
  | readonly ["read" | "publish" | "admin", "anything" | "a name" | "a scope"]
  /** A token that allows everything. */
  | "the registry"
  /** Somebody with an account: a token of the registry's own is nobody. */
  | "a person";

interface Token {
  readonly text: string;
  readonly names: readonly string[];
  readonly actions: readonly string[];
}

interface Row {
  readonly need: Need;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: object | ((token: Token) => object);
}

const adapter = { scope: "acme", name: "spam" };
const absent = { ...adapter, version: "9.9.9" };
const { request: document } = await anAdapter({ name: "@acme/spam", version: "9.9.9" });

/** Every route that is not only reading; a new route is a new row. Where a token is allowed, the answer may still be that there is no such thing. */
const RIGHTS: Readonly<Partial<Record<RouteName, Row>>> = {
  // Publishing, and the life of what was published.
  putBase: { need: ["publish", "anything"], path: { digest: aBase().fingerprint }, body: aBase() },
  putBlob: { need: ["publish", "anything"], path: { digest: digestOf("nothing") } },
  beginUpload: { need: ["publish", "anything"], path: { digest: digestOf("nothing") }, body: { size: 1 } },
  finishUpload: { need: ["publish", "anything"], path: { digest: digestOf("nothing") } },
  publish: { need: ["publish", "a name"], path: absent, body: { ...document, digest: digestOf("nothing") } },
  stage: { need: ["publish", "a name"], path: absent, body: { ...document, digest: digestOf("nothing") } },
  approve: { need: ["publish", "a name"], path: absent },
  unstage: { need: ["publish", "a name"], path: absent },
  withdraw: { need: ["publish", "a name"], path: absent, query: "?reason=wrong" },
  deprecate: { need: ["publish", "a name"], path: adapter, body: { range: "9.9.9", message: "old" } },
  putTag: { need: ["publish", "a name"], path: { ...adapter, tag: "next" }, body: { version: "9.9.9" } },
  deleteTag: { need: ["publish", "a name"], path: { ...adapter, tag: "none" } },
  listStaged: { need: "a token" },
  // Tokens.
  whoami: { need: "a token" },
  createToken: { need: ["admin", "anything"], body: ({ names, actions }) => ({ label: "x", names, actions }) },
  listTokens: { need: "the registry" },
  deleteToken: { need: "the registry", path: { id: "none" } },
  // Accounts and sign-in.
  createInvitation: { need: "the registry", body: {} },
  listAccounts: { need: "the registry" },
  disableAccount: { need: "the registry", path: { user: "nobody" } },
  setPassword: { need: "the registry", path: { user: "nobody" }, body: { password: "long enough a password" } },
  getDevice: { need: "a person", path: { userCode: "AAAA-AAAA" } },
  answerDevice: { need: "a person", path: { userCode: "AAAA-AAAA" }, body: { approve: true } },
  getSession: { need: "a person" },
  // Scopes.
  listScopes: { need: "the registry" },
  createScope: { need: "the registry", path: { scope: "acme" }, body: {} },
  getScope: { need: "a token", path: { scope: "acme" } },
  setQuota: { need: "the registry", path: { scope: "none" }, body: {} },
  listOwners: { need: "a token", path: { scope: "acme" } },
  putOwner: { need: ["admin", "a scope"], path: { scope: "acme", holder: "nobody" }, body: { role: "owner" } },
  deleteOwner: { need: ["admin", "a scope"], path: { scope: "acme", holder: "nobody" } },
  transferScope: { need: ["admin", "a scope"], path: { scope: "acme" }, body: { to: "nobody" } },
  getScopeAudit: { need: ["admin", "a scope"], path: { scope: "acme" } },
  getAudit: { need: "the registry" },
  setAccess: { need: ["admin", "a name"], path: { ...adapter, name: "none" }, body: { access: "public" } },
  listPublishers: { need: ["admin", "a name"], path: adapter },
  addPublisher: {
    need: ["admin", "a name"],
    path: adapter,
    body: { issuer: "https://gitlab.com", repository: "a/b", workflow: "c" },
  },
  removePublisher: { need: ["admin", "a name"], path: { ...adapter, id: "none" } },
  // Teams: a registry's own token changes them only when it may do everything.
  listTeams: { need: "a token" },
  getTeam: { need: "a token", path: { team: "devs" } },
  createTeam: { need: "the registry", path: { team: "devs" } },
  deleteTeam: { need: "the registry", path: { team: "none" } },
  putMember: { need: "the registry", path: { team: "devs", user: "nobody" }, body: {} },
  deleteMember: { need: "the registry", path: { team: "devs", user: "nobody" } },
};

/** Routes that want no token: they read what the sender may see, or bring something else that proves who sends. */
const WITHOUT: ReadonlySet<string> = new Set(Object.keys(ROUTES).filter((name) => !("security" in ROUTES[name as RouteName])));

const PATTERNS = [["*"], ["@acme/*"], ["@acme/spam", "@acme/none"], ["@acme/other"], ["@acm/*"], ["@acme-x/*", "@other/*"]];
const ACTIONS = [
  ["read"],
  ["publish"],
  ["admin"],
  ["read", "publish"],
  ["read", "admin"],
  ["publish", "admin"],
  ["read", "publish", "admin"],
];

function isAllowed(need: Need, { names, actions }: Token): boolean {
  if (need === "nothing" || need === "a token") return true;
  if (need === "a person") return false;
  if (need === "the registry") return names.includes("*") && actions.includes("admin");
  const [action, on] = need;
  if (!actions.includes(action)) return false;
  const scope = names.includes("*") || names.includes("@acme/*");
  return on === "anything" || scope || (on === "a name" && names.includes("@acme/spam"));
}

test("every route wants no token, or has a row that says what it wants", () => {
  const unknown = Object.keys(ROUTES).filter((name) => !WITHOUT.has(name) && !(name in RIGHTS));
  expect(unknown).toEqual([]);
});

describe.each(["public", "private"] as const)("beside a %s adapter", (access) => {
  let registry: TestRegistry;
  const tokens: Token[] = [];
  beforeAll(async () => {
    registry = await aRegistry({ settings: { signInsPerMinute: 0 } });
    await publishTo(registry, { name: "@acme/spam", access });
    await registry.send("PUT", "/v1/teams/devs");
    for (const names of PATTERNS) {
      for (const actions of ACTIONS) {
        const { token } = await json<{ token: string }>(registry.send("POST", "/v1/tokens", { body: { label: "x", names, actions } }));
        tokens.push({ text: token, names, actions });
      }
    }
  });
  afterAll(() => registry.close());

  test.each(Object.entries(RIGHTS))(
    "%s is for those tokens that it is for, and no others",
    async (name, { need, path = {}, query = "", body }) => {
      const route = ROUTES[name as RouteName];
      const url = route.path.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(path[part] ?? "")) + query;
      const send = (token: Token | undefined) =>
        registry.send(route.method.toUpperCase(), url, {
          token: token?.text ?? null,
          body: typeof body === "function" ? body(token ?? { text: "", names: ["*"], actions: ["read"] }) : body,
        });
      expect([name, "nobody", await codeOf(await send(undefined))]).toEqual([name, "nobody", "UNAUTHORIZED"]);
      for (const token of tokens) {
        const answer = await codeOf(await send(token));
        const refusal = name === "getSession" ? "UNAUTHORIZED" : "FORBIDDEN";
        const expected = isAllowed(need, token) ? expect.not.stringMatching(/^(?:UNAUTHORIZED|FORBIDDEN|USAGE|INTERNAL)$/) : refusal;
        expect([name, token.names, token.actions, isAllowed(need, token) && typeof answer === "number" ? "" : answer]).toEqual([
          name,
          token.names,
          token.actions,
          expected,
        ]);
      }
      expect(registry.faults).toEqual([]);
    },
  );
});
