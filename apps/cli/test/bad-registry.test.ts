import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { CODES, type ErrorCode } from "@graft/error";
import { createTokenText } from "@graft/registry";
import { startServer, type RunningServer } from "@graft/server";
import { openSqliteStore } from "@graft/storage/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomAdapter } from "../../../packages/loader/test/random-adapter.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
let server: RunningServer;
let expired: string;

beforeAll(async () => {
  server = await startServer({ data: join(home, "registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
  const base = await openBase(await tinyCheckpoint(join(home, "base")));
  for (const seed of [1, 2]) await writeFile(join(home, `${seed}.safetensors`), await randomAdapter(base, { seed }));
  const metadata = await openSqliteStore(join(home, "registry", "registry.sqlite"));
  expired = await createTokenText();
  const hash = createHash("sha256").update(expired).digest("hex");
  await metadata.tokens.insert({
    id: hash.slice(0, 16),
    hash,
    label: "old",
    names: ["*"],
    actions: ["read", "publish"],
    createdAt: "2020-01-01T00:00:00.000Z",
    expiresAt: "2020-02-01T00:00:00.000Z",
  });
  await metadata.close();
  await graft(["base", "publish", "base", ...signedIn()]);
  await graft(["publish", "1.safetensors", "--name", "@test/topics", "--version", "1.0.0", ...signedIn()]);
});
afterAll(() => server.close());

const signedIn = (token = server.token ?? ""): string[] => ["--registry", server.url, "--token", token, "--quiet"];
const files = (): string[] =>
  readdirSync(home, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("registry"))
    .toSorted();

async function refused(args: readonly string[], { code, says }: { code: ErrorCode; says: RegExp }): Promise<void> {
  const before = files();
  const ended = await graft(args);
  expect(ended.stderr).toMatch(/^Cannot [^\n]+\n$/);
  expect(ended.stderr).toMatch(says);
  expect(ended).toMatchObject({ code: CODES[code].exit, stdout: "", stderr: expect.stringContaining(`[${code}]. `) });
  expect(files()).toEqual(before);
}

test("a version that is taken", async () => {
  await refused(["publish", "2.safetensors", "--name", "@test/topics", "--version", "1.0.0", ...signedIn()], {
    code: "VERSION_TAKEN",
    says: /@test\/topics@1\.0\.0: [^\n]*Publish under a new version/,
  });
});

test("a wrong, an expired and no token", async () => {
  const publish = ["publish", "1.safetensors", "--name", "@test/topics", "--version", "2.0.0"];
  await refused([...publish, ...signedIn("graft_wrong")], { code: "UNAUTHORIZED", says: /the token is not valid/ });
  await refused([...publish, ...signedIn(expired)], { code: "UNAUTHORIZED", says: /the token has expired/ });
  await refused([...publish, "--registry", server.url, "--quiet"], { code: "UNAUTHORIZED", says: /there is no token[^\n]*graft login/ });
});

test("a registry that is not there, and none at all", async () => {
  await refused(["pull", "@test/topics", "--registry", "http://127.0.0.1:59999"], {
    code: "REGISTRY_UNREACHABLE",
    says: /http:\/\/127\.0\.0\.1:59999: ECONNREFUSED[^\n]*graft serve/,
  });
  await refused(["pull", "@test/topics"], { code: "REGISTRY_NOT_SET", says: /--registry/ });
  await refused(["pull", "@test/topics", "--registry", "somewhere"], { code: "USAGE", says: /"somewhere"/ });
});

test("bytes that do not have their digest", async () => {
  const { stdout } = await graft(["pull", "@test/topics", "--json", ...signedIn()]);
  const { digest, path } = JSON.parse(stdout) as { digest: string; path: string };
  const blobs = join(home, "registry", "blobs");
  const [blob = ""] = readdirSync(blobs, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(digest.slice(9)));
  const bytes = await readFile(join(blobs, blob));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(join(blobs, blob), bytes);
  await rm(path);
  await refused(["pull", "@test/topics", "--output", "pulled.safetensors", ...signedIn()], {
    code: "DIGEST_MISMATCH",
    says: /its digest is sha256:/,
  });
});
