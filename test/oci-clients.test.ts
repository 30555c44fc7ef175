import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aBase, anAdapter, publishTo } from "../packages/registry/test/an-adapter.ts";
import { referee } from "./referee.ts";
import { RefereeSession } from "./referee-session.ts";
import { runningRegistry, type RunningRegistry } from "./running-registry.ts";
import { type Ended, runProgram } from "./run-program.ts";

/** What an artifact's manifest says, as far as it is looked at. */
interface OciManifest {
  readonly artifactType: string;
  readonly subject: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly annotations: Readonly<Record<string, string>> }[];
}

const SKOPEO = "/usr/bin/skopeo";
if (!existsSync(SKOPEO)) console.warn("Skipped: no skopeo (Debian's package of that name)");

let registry: RunningRegistry;
let host: string;
const base = aBase("tiny");
beforeAll(async () => {
  registry = await runningRegistry();
  host = new URL(registry.url).host;
  await publishTo(registry, { version: "1.0.0" });
  await publishTo(registry, { version: "1.1.0" });
  await publishTo(registry, { name: "@acme/other", base: aBase("big", 3) });
  const { bytes, path, request } = await anAdapter({ name: "@acme/secret" });
  await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
  await registry.send("PUT", path, { body: { ...request, access: "private" } });
}, 60_000);
afterAll(() => registry.close());

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = async (name: string, version: string) => (await anAdapter({ name, version })).bytes;

describe.skipIf(!existsSync(SKOPEO))("skopeo", () => {
  const skopeo = (...args: string[]): Promise<Ended> => runProgram(SKOPEO, ["--insecure-policy", ...args], { cwd: registry.folder });

  test("skopeo copy fetches an adapter by tag, number or digest, bytes and all", async () => {
    for (const reference of ["latest", "1.0.0"]) {
      const folder = join(registry.folder, `copied-${reference}`);
      const copied = await skopeo("copy", "--src-tls-verify=false", `docker://${host}/acme/spam:${reference}`, `dir:${folder}`);
      expect([copied.status, copied.stderr]).toEqual([0, ""]);
      const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8")) as OciManifest;
      expect(manifest.artifactType).toBe("application/vnd.graft.adapter.v1");
      const expected = await bytesOf("@acme/spam", reference === "latest" ? "1.1.0" : reference);
      expect(new Uint8Array(await readFile(join(folder, sha256(expected))))).toEqual(expected);
    }
    const inspected = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${host}/acme/spam:1.0.0`);
    const digest = sha256(new TextEncoder().encode(inspected.stdout));
    const again = await skopeo("inspect", "--raw", "--tls-verify=false", `docker://${host}/acme/spam@sha256:${digest}`);
    expect(again.stdout).toBe(inspected.stdout);
    expect((await skopeo("list-tags", "--tls-verify=false", `docker://${host}/acme/spam`)).stdout).toContain('"1.1.0"');
  }, 60_000);

  test("a private adapter is there for its token alone", async () => {
    const from = `docker://${host}/acme/secret:1.0.0`;
    const stranger = await skopeo("copy", "--src-tls-verify=false", from, `dir:${join(registry.folder, "none")}`);
    expect([stranger.status, stranger.stderr]).toEqual([1, expect.stringMatching(/manifest unknown|Cannot find/)]);
    const folder = join(registry.folder, "secret");
    const owner = await skopeo("copy", "--src-tls-verify=false", `--src-creds=me:${registry.token}`, from, `dir:${folder}`);
    expect([owner.status, owner.stderr]).toEqual([0, ""]);
    expect(await readdir(folder)).toContain(sha256(await bytesOf("@acme/secret", "1.0.0")));
  }, 60_000);
});

describe.skipIf(referee === undefined)("the Python client of ORAS", () => {
  test("oras pull writes the files of an adapter under their names", async () => {
    const oras = new RefereeSession("oci_clients.py", { HOME: registry.folder });
    try {
      const folder = join(registry.folder, "pulled");
      await mkdir(folder);
      expect(await oras.ask({ host, reference: "acme/spam:1.0.0", folder })).toEqual({ files: ["adapter.safetensors"] });
      expect(new Uint8Array(await readFile(join(folder, "adapter.safetensors")))).toEqual(await bytesOf("@acme/spam", "1.0.0"));
    } finally {
      oras.close();
    }
  }, 60_000);
});

describe("referrers", () => {
  const get = (path: string, token = "anonymous") => fetch(`${registry.url}/v2${path}`, { headers: { authorization: `Bearer ${token}` } });
  const repository = `bases/${base.fingerprint.slice(7)}`;

  test("the subject of an adapter is its base, whose referrers are all adapters of it that somebody may see", async () => {
    const manifest = (await (await get("/acme/spam/manifests/1.1.0")).json()) as OciManifest;
    const subject = await get(`/${repository}/manifests/latest`);
    expect(subject.headers.get("docker-content-digest")).toBe(manifest.subject.digest);
    expect(`sha256:${sha256(new Uint8Array(await subject.arrayBuffer()))}`).toBe(manifest.subject.digest);
    const referrers = async (token?: string) =>
      (await (await get(`/${repository}/referrers/${manifest.subject.digest}`, token)).json()) as {
        manifests: { digest: string; annotations: Record<string, string> }[];
      };
    const titles = (index: Awaited<ReturnType<typeof referrers>>) =>
      index.manifests.map(({ annotations }) => annotations["org.opencontainers.image.title"]);
    const seen = await referrers();
    expect(titles(seen)).toEqual(["@acme/spam"]);
    expect(titles(await referrers(registry.token))).toEqual(["@acme/secret", "@acme/spam"]);
    const [first] = seen.manifests;
    expect(await (await get(`/${repository}/manifests/${first?.digest}`)).json()).toEqual(manifest);
    const filtered = await get(`/${repository}/referrers/${manifest.subject.digest}?artifactType=application/other`);
    expect([filtered.headers.get("oci-filters-applied"), await filtered.json()]).toMatchObject(["artifactType", { manifests: [] }]);
    expect(await (await get(`/${repository}/referrers/sha256:${"0".repeat(64)}`)).json()).toMatchObject({ manifests: [] });
  });

  test("every blob of a manifest is there under its digest, and of other names nothing is", async () => {
    const manifest = (await (await get("/acme/spam/manifests/latest")).json()) as OciManifest & { config: { digest: string } };
    for (const { digest } of [...manifest.layers, manifest.config]) {
      const blob = await get(`/acme/spam/blobs/${digest}`);
      expect(`sha256:${sha256(new Uint8Array(await blob.arrayBuffer()))}`).toBe(digest);
      expect((await get(`/acme/other/blobs/${digest}`)).status).toBe(404);
    }
    expect(await (await get("/acme/nothing/tags/list")).json()).toMatchObject({ errors: [{ code: "NAME_UNKNOWN" }] });
    expect((await fetch(`${registry.url}/v2/`)).headers.get("www-authenticate")).toMatch(/^Bearer realm="http.*\/v2\/token"/);
  });
});
