import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { startServer, type RunningServer } from "@graft/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anIssuer, type TestIssuer } from "../../../packages/registry/test/an-issuer.ts";
import { randomAdapter } from "../../../packages/loader/test/random-adapter.ts";
import { grafter, temporaryFolder, type Ended } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const PASSWORD = "correct horse battery";
const home = temporaryFolder();
const root = grafter(join(home, "root"));
const alice = grafter(join(home, "alice"));
const bob = grafter(join(home, "bob"));
let server: RunningServer;
let forge: TestIssuer;

beforeAll(async () => {
  forge = await anIssuer();
  server = await startServer({
    data: join(home, "registry"),
    host: "127.0.0.1",
    port: 0,
    logLevel: "silent",
    pages: false,
    signInsPerMinute: 0,
    workloadIssuers: [forge.issuer],
  });
  const base = await openBase(await tinyCheckpoint(join(home, "base")));
  await writeFile(join(home, "adapter.safetensors"), await randomAdapter(base, { seed: 1 }));
  await ok(root(["login", "--registry", server.url], { cwd: home, input: server.token ?? "" }));
  await ok(root(["base", "publish", "base"], { cwd: home }));
  for (const [name, graft] of [
    ["alice", alice],
    ["bob", bob],
  ] as const) {
    const { code } = JSON.parse((await ok(root(["invite", "--json"], { cwd: home }))).stdout) as { code: string };
    const signedIn = await ok(
      graft(["login", "--registry", server.url, "--user", name, "--invitation", code], { cwd: home, input: PASSWORD }),
    );
    expect(signedIn.stdout).toBe(`Logged in to ${server.url} as "${name}"\n`);
  }
});
afterAll(async () => {
  await server.close();
  await forge.stop();
});

async function ok(running: Promise<Ended>): Promise<Ended> {
  const ended = await running;
  if (ended.code !== 0) throw new Error(`exit ${ended.code}: ${ended.stderr}`);
  return ended;
}
const run = (graft: typeof alice, line: string) => graft(line.split(" "), { cwd: home });
const json = async (graft: typeof alice, line: string): Promise<unknown> => JSON.parse((await ok(run(graft, `${line} --json`))).stdout);

test("an account claims a scope, publishes privately, lets others in, and reads who changed what", async () => {
  const publish = "publish adapter.safetensors --name @acme/topics --version 1.0.0 --access private --quiet";
  const early = await run(alice, publish);
  expect([early.code, early.stderr]).toEqual([5, expect.stringMatching(/"alice" has no role in @acme .*graft scope create @acme/)]);
  await ok(run(alice, "scope create @acme"));
  await ok(run(alice, publish));
  expect((await run(bob, "pull @acme/topics")).stderr).toMatch(/^Cannot find @acme\/topics: [^\n]+\[NOT_FOUND\]/);
  await ok(run(alice, "team create devs"));
  await ok(run(alice, "team add devs bob"));
  expect(await json(alice, "owner add @acme team:devs --role reader")).toEqual({
    owners: [
      { holder: "alice", role: "owner" },
      { holder: "team:devs", role: "reader" },
    ],
  });
  await ok(run(bob, "pull @acme/topics --quiet"));
  expect((await run(bob, "access @acme/topics public")).code).toBe(5);
  await ok(run(alice, "access @acme/topics public"));
  const { entries } = (await json(alice, "audit @acme")) as { entries: Record<string, unknown>[] };
  expect(entries.map(({ actor, action, address }) => [actor, action, address])).toEqual([
    ["user:alice", "adapter.access", "127.0.0.1"],
    ["user:alice", "owner.add", "127.0.0.1"],
    ["user:alice", "version.publish", "127.0.0.1"],
    ["user:alice", "scope.create", "127.0.0.1"],
  ]);
  expect((await run(bob, "audit @acme")).stderr).toMatch(/\[FORBIDDEN\]/);
  expect(await json(root, "scope quota @acme --versions 1")).toMatchObject({ quota: { versions: 1 }, versions: 1 });
  expect((await run(alice, publish.replace("1.0.0 --access private", "1.1.0"))).stderr).toMatch(
    /would hold 2 versions, want at most 1 \[QUOTA_EXCEEDED\]/,
  );
  await ok(run(root, "scope quota @acme"));
  await ok(run(alice, "owner rm @acme team:devs"));
  await ok(run(alice, "team end devs"));
  await ok(run(alice, "scope transfer @acme --to bob"));
  await ok(run(bob, "scope transfer @acme --to alice"));
});

test("a token for an office and a day is made, listed with its account, and does not work from elsewhere", async () => {
  const created = (await json(alice, "token create --label office --actions read --cidr 192.0.2.0/24,2001:db8::/32 --days 1")) as {
    token: string;
    record: { id: string };
  };
  expect(created.record).toMatchObject({ user: "alice", addresses: ["192.0.2.0/24", "2001:db8::/32"] });
  expect((await run(alice, `whoami --token ${created.token}`)).stderr).toMatch(/may not be used from 127\.0\.0\.1 \[UNAUTHORIZED\]/);
  expect((await ok(run(alice, "token list"))).stdout).toContain("192.0.2.0/24");
  expect((await run(alice, "token create --label x --cidr 192.0.2")).code).toBe(2);
  await ok(run(alice, `token revoke ${created.record.id}`));
});

test("login through a browser: the address is printed, somebody allows it there, and logout revokes the token", async () => {
  const laptop = grafter(join(home, "laptop"));
  let opened: Promise<void> | undefined;
  const signedIn = await ok(
    laptop(["login", "--registry", server.url, "--browser"], {
      cwd: home,
      watch: (text) => {
        const address = /^Open (\S+)$/m.exec(text)?.[1];
        if (address !== undefined && text.includes("compare the code")) opened ??= allow(address);
      },
    }),
  );
  await opened;
  expect(signedIn.stdout).toBe(`Logged in to ${server.url} as "alice"\n`);
  expect(signedIn.stderr).toMatch(/compare the code: [B-Z]{4}-[B-Z]{4}\n/);
  const kept = JSON.parse(await readFile(join(home, "laptop", "config.json"), "utf8")) as { tokens: Record<string, string> };
  const token = kept.tokens[server.url] ?? "";
  await ok(laptop(["whoami"], { cwd: home }));
  await ok(laptop(["logout"], { cwd: home }));
  const after = await laptop(["whoami", "--registry", server.url, "--token", token], { cwd: home });
  expect([after.code, after.stderr]).toEqual([5, expect.stringContaining("the token is not valid [UNAUTHORIZED]")]);
});

/** What a person does on the page: signs in, sees the code, presses Allow. */
async function allow(address: string): Promise<void> {
  const { origin, pathname, searchParams } = new URL(address);
  const code = searchParams.get("code") ?? "";
  const page = await fetch(address);
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(await page.text()).toContain('name="password"');
  const post = (fields: Record<string, string>, headers: Record<string, string>) =>
    fetch(origin + pathname, {
      method: "POST",
      redirect: "manual",
      headers: { origin, ...headers },
      body: new URLSearchParams({ code, ...fields }),
    });
  const wrong = await post({ user: "alice", password: "something else" }, {});
  expect([wrong.status, await wrong.text()]).toEqual([401, expect.stringContaining("the name or the password is wrong")]);
  const signedIn = await post({ user: "alice", password: PASSWORD }, {});
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  const question = await (await fetch(origin + (signedIn.headers.get("location") ?? ""), { headers: { cookie } })).text();
  expect(question).toContain(code);
  expect((await post({ answer: "allow" }, { cookie, origin: "http://evil.example.com" })).status).toBe(403);
  expect(await (await post({ answer: "allow" }, { cookie })).text()).toContain("go back to the terminal");
}

test("logout forgets, and does not revoke, a token of the registry's own", async () => {
  const other = grafter(join(home, "other"));
  await ok(other(["login", "--registry", server.url], { cwd: home, input: server.token ?? "" }));
  const ended = await ok(other(["logout"], { cwd: home }));
  expect(ended.stderr).toMatch(/not revoked: it belongs to no account/);
  await ok(run(root, "whoami"));
});

test("a workflow publishes with what its forge vouches for, and no secret", async () => {
  const workflow = ".github/workflows/publish.yml";
  await ok(run(alice, `publisher add @acme/topics --issuer ${forge.issuer} --repository acme/topics --workflow ${workflow}`));
  const token = await forge.token({
    aud: server.url,
    sub: "repo:acme/topics",
    jti: "run 1",
    repository: "acme/topics",
    workflow_ref: `acme/topics/${workflow}@refs/heads/main`,
  });
  // The forge's own way of asking, as GitHub's runners do it.
  forge.server.service.addRoute("GET", "/id-token", (request, response) => {
    const isAsked =
      request.headers.authorization === "bearer runner" && request.url?.endsWith(`&audience=${encodeURIComponent(server.url)}`);
    response.writeHead(isAsked === true ? 200 : 403, { "content-type": "application/json" }).end(JSON.stringify({ value: token }));
  });
  const runner = grafter(join(home, "runner"));
  const environment = { ACTIONS_ID_TOKEN_REQUEST_URL: `${forge.issuer}/id-token?x=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "runner" };
  await ok(runner(["login", "--registry", server.url, "--workload"], { cwd: home, environment }));
  await ok(runner(["publish", "adapter.safetensors", "--name", "@acme/topics", "--version", "1.2.0", "--quiet"], { cwd: home }));
  expect((await runner(["publish", "adapter.safetensors", "--name", "@acme/else", "--version", "1.0.0"], { cwd: home })).stderr).toContain(
    "[FORBIDDEN]",
  );
  const again = await runner(["login", "--registry", server.url, "--workload"], { cwd: home, environment: { GRAFT_ID_TOKEN: token } });
  expect([again.code, again.stderr]).toEqual([5, expect.stringContaining("it was used already [UNAUTHORIZED]")]);
});

test("wrong words are one line with what to do", async () => {
  const cases = [
    ["owner add @acme bob --role boss", 2, /want reader, publisher, owner/],
    ["owner ls @../x", 2, /A scope looks like @acme/],
    ["owner ls @nobody", 5, /graft scope create @nobody/],
    ["access @acme/topics secret", 2, /want public or private/],
    ["login --invitation x", 2, /Pass --user/],
    ["login --workload", 2, /id-token: write/],
    ["team add devs bob --role boss", 2, /want maintainer or member/],
    ["invite", 5, /only those who run the registry may/],
  ] as const;
  await Promise.all(
    cases.map(async ([line, code, says]) => {
      const ended = await run(alice, line);
      expect([line, ended.code, ended.stdout, ended.stderr.split("\n")]).toEqual([line, code, "", [expect.stringMatching(says), ""]]);
    }),
  );
});
