import { ROUTES, type RouteName } from "@graft/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anIssuer, type TestIssuer } from "./an-issuer.ts";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter } from "./an-adapter.ts";
import { PASSWORD } from "./an-account.ts";

let registry: TestRegistry;
let forge: TestIssuer;
beforeAll(async () => {
  forge = await anIssuer();
  registry = await aRegistry({ settings: { signUp: "open", workloadIssuers: [forge.issuer], signInsPerMinute: 0 } });
});
afterAll(async () => {
  await registry.close();
  await forge.stop();
});

/** What earlier steps gave to later ones. */
const known: Record<string, string> = {};

interface Step {
  readonly route: RouteName;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: () => unknown;
  /** Remembers a word of the answer. */
  readonly keep?: readonly [name: string, of: string];
  /** What the log says of it, and of what. */
  readonly entry: readonly [action: string, subject: string | RegExp];
}

const adapter = { scope: "acme", name: "spam" };
const first = await anAdapter({ name: "@acme/spam", version: "1.0.0" });
const second = await anAdapter({ name: "@acme/spam", version: "1.1.0" });
const workload = () =>
  forge.token({
    aud: "http://localhost",
    sub: "x",
    jti: "x",
    repository: "acme/spam",
    workflow_ref: "acme/spam/publish.yml@refs/heads/main",
  });

/** A life of a registry in which every route that changes something has its turn. */
const LIFE: readonly Step[] = [
  { route: "createInvitation", body: () => ({ email: "a@example.com" }), entry: ["account.invite", "a@example.com"] },
  ...["alice", "bob"].map((name): Step => ({
    route: "createAccount",
    body: () => ({ name, password: PASSWORD }),
    entry: ["account.create", name],
  })),
  {
    route: "signInByPassword",
    body: () => ({ user: "alice", password: PASSWORD, label: "x" }),
    entry: ["token.sign-in", /^[0-9a-f]{16}$/],
  },
  { route: "setPassword", path: { user: "bob" }, body: () => ({ password: "another password" }), entry: ["account.password", "bob"] },
  { route: "createScope", path: { scope: "acme" }, body: () => ({ owner: "alice" }), entry: ["scope.create", "acme"] },
  { route: "putOwner", path: { scope: "acme", holder: "bob" }, body: () => ({ role: "reader" }), entry: ["owner.add", "bob"] },
  { route: "deleteOwner", path: { scope: "acme", holder: "bob" }, entry: ["owner.remove", "bob"] },
  { route: "setQuota", path: { scope: "acme" }, body: () => ({ versions: 9 }), entry: ["scope.quota", "acme"] },
  { route: "createTeam", path: { team: "devs" }, entry: ["team.create", "devs"] },
  { route: "putMember", path: { team: "devs", user: "bob" }, body: () => ({}), entry: ["team.add", "devs/bob"] },
  { route: "deleteMember", path: { team: "devs", user: "bob" }, entry: ["team.remove", "devs/bob"] },
  { route: "deleteTeam", path: { team: "devs" }, entry: ["team.end", "devs"] },
  { route: "putBase", path: { digest: aBase().fingerprint }, body: aBase, entry: ["base.register", aBase().fingerprint] },
  { route: "publish", path: { ...adapter, version: "1.0.0" }, body: () => first.request, entry: ["version.publish", "@acme/spam"] },
  { route: "setAccess", path: adapter, body: () => ({ access: "private" }), entry: ["adapter.access", "@acme/spam"] },
  { route: "putTag", path: { ...adapter, tag: "next" }, body: () => ({ version: "1.0.0" }), entry: ["tag.set", "@acme/spam"] },
  { route: "deleteTag", path: { ...adapter, tag: "next" }, entry: ["tag.remove", "@acme/spam"] },
  { route: "stage", path: { ...adapter, version: "1.1.0" }, body: () => second.request, entry: ["version.stage", "@acme/spam"] },
  { route: "unstage", path: { ...adapter, version: "1.1.0" }, entry: ["version.unstage", "@acme/spam"] },
  { route: "stage", path: { ...adapter, version: "1.1.0" }, body: () => second.request, entry: ["version.stage", "@acme/spam"] },
  { route: "approve", path: { ...adapter, version: "1.1.0" }, entry: ["version.publish", "@acme/spam"] },
  { route: "deprecate", path: adapter, body: () => ({ range: "1.0.0", message: "old" }), entry: ["version.deprecate", "@acme/spam"] },
  { route: "withdraw", path: { ...adapter, version: "1.1.0" }, query: "?reason=wrong", entry: ["version.withdraw", "@acme/spam"] },
  {
    route: "addPublisher",
    path: adapter,
    body: () => ({ issuer: forge.issuer, repository: "acme/spam", workflow: "publish.yml" }),
    keep: ["publisher", "id"],
    entry: ["publisher.add", "@acme/spam"],
  },
  { route: "signInByWorkload", body: async () => ({ token: await workload() }), entry: ["token.sign-in", /^[0-9a-f]{16}$/] },
  { route: "removePublisher", path: { ...adapter, id: "$publisher" }, entry: ["publisher.remove", "@acme/spam"] },
  { route: "transferScope", path: { scope: "acme" }, body: () => ({ to: "bob" }), entry: ["scope.transfer", "acme"] },
  {
    route: "createToken",
    body: () => ({ label: "x", names: ["*"], actions: ["read"] }),
    keep: ["token", "record.id"],
    entry: ["token.create", /^[0-9a-f]{16}$/],
  },
  { route: "deleteToken", path: { id: "$token" }, entry: ["token.revoke", /^[0-9a-f]{16}$/] },
  { route: "disableAccount", path: { user: "bob" }, entry: ["account.end", "bob"] },
];

/** Routes that change nothing that lasts, or whose change is told when it leads to something: test/sessions.test.ts has those. */
const WITHOUT: ReadonlySet<string> = new Set([
  "find", // only reads
  "resolveAll", // only reads
  "putBlob", // bytes are nobody's until a version names them
  "beginUpload",
  "finishUpload",
  "createSession",
  "deleteSession",
  "createDevice",
  "answerDevice",
  "signInByDevice",
]);

test("every route that changes something has its turn", () => {
  const changing = Object.entries(ROUTES).filter(
    ([name, { method }]) => method !== "get" && (method as string) !== "head" && !WITHOUT.has(name),
  );
  expect(changing.map(([name]) => name).filter((name) => LIFE.every(({ route }) => route !== name))).toEqual([]);
});

test("every change writes one entry, which says who, what, when and from where; what is refused or changes nothing writes none", async () => {
  for (const { bytes, request } of [first, second]) await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
  const entries = () => registry.metadata.audit.list({ limit: 1000 });
  for (const { route, path = {}, query = "", body, keep, entry } of LIFE) {
    const filled = (text: string) => (text.startsWith("$") ? (known[text.slice(1)] ?? "") : text);
    const url = ROUTES[route].path.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(filled(path[part] ?? ""))) + query;
    const method = ROUTES[route].method.toUpperCase();
    const before = (await entries()).length;
    await registry.send(method, url, { token: `graft_${"x".repeat(51)}`, body: await body?.() });
    expect([route, (await entries()).length]).toEqual([route, before]);
    const response = await registry.send(method, url, { body: await body?.(), peer: "192.0.2.1" });
    if (!response.ok) throw new Error(`${route}: ${await response.text()}`);
    const answer = response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
    if (keep !== undefined)
      known[keep[0]] = String(keep[1].split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], answer));
    const [newest, ...rest] = await entries();
    expect([route, rest.length]).toEqual([route, before]);
    const [action, subject] = entry;
    expect(newest).toMatchObject({
      action,
      subject: typeof subject === "string" ? subject : expect.stringMatching(subject),
      address: "192.0.2.1",
    });
    expect(newest?.actor).toMatch(/^(?:token|user|workload):./);
    expect(Date.parse(newest?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
  }
  const before = (await entries()).length;
  const again = await registry.send("PUT", `/v1/adapters/acme/spam/versions/1.0.0`, { body: first.request });
  expect([again.status, (await entries()).length]).toEqual([200, before]);
});
