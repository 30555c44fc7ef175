import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureMatrices } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { createClient } from "@graft/client/node";
import { startServer, type RunningServer } from "@graft/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referee } from "./referee.ts";
import { RefereeSession } from "./referee-session.ts";

const REPO = "acme/topics";
let folder: string;
let server: RunningServer;
let clients: RefereeSession;

/** One request to the clients, which have a cache of their own. */
const ask = <T>(request: Readonly<Record<string, unknown>>) =>
  clients.ask<T>({ base: join(folder, "base"), baseName: "acme/tiny-bert", repo: REPO, ...request });

describe.skipIf(referee === undefined)("huggingface_hub and PEFT, unmodified", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "graft-hub-"));
    server = await startServer({ data: join(folder, "registry"), port: 0, logLevel: "silent" });
    clients = new RefereeSession("hub_clients.py", {
      HF_ENDPOINT: `${server.url}/hf`,
      HF_TOKEN: server.token ?? "",
      HF_HOME: join(folder, "cache"),
      HF_HUB_OFFLINE: "0",
      HF_HUB_DISABLE_TELEMETRY: "1",
    });
    await ask({ do: "make" });
    const client = await createClient({ registry: server.url, token: server.token, cache: join(folder, "graft"), environment: {} });
    const base = await openBase(join(folder, "base"));
    const identity = await identifyBase(base);
    await client.registry.registerBase({ ...identity.reference, name: "acme/tiny-bert", matrices: await measureMatrices(base, identity) });
  }, 120_000);
  afterAll(async () => {
    clients.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  test("hf upload and push_to_hub publish versions, which PEFT loads by version, tag and commit", async () => {
    const uploaded = await ask<{ status: number; output: string; rows: number[][] }>({ do: "upload", folder: join(folder, "adapter") });
    expect(uploaded).toMatchObject({ status: 0 });
    const pushed = await ask<{ rows: number[][] }>({ do: "push" });
    expect((await ask<{ rows: number[][] }>({ do: "pull", revision: "1.0.0" })).rows).toEqual(uploaded.rows);
    expect((await ask<{ rows: number[][] }>({ do: "pull", revision: "main" })).rows).toEqual(pushed.rows);
    expect(pushed.rows).not.toEqual(uploaded.rows);
    expect(await ask({ do: "readme" })).toEqual({ text: "# Topics\n" });
    expect((await ask<{ rows: number[][] }>({ do: "pull", revision: "1.0.2" })).rows).toEqual(pushed.rows);

    const client = await createClient({ registry: server.url, cache: join(folder, "graft"), environment: {} });
    const { record, path } = await client.pull(`@${REPO}@1.0.0`);
    const commit = record.digest.slice(7, 47);
    const got = await ask<Record<string, unknown>>({ do: "download", revision: commit });
    expect(await readFile(got["path"] as string)).toEqual(await readFile(path));
    expect(got).toMatchObject({
      files: ["README.md", "adapter.safetensors", "adapter_config.json", "adapter_model.safetensors"],
      commit,
      sha: commit,
      exists: [true, false, true],
      found: [REPO],
      who: "first administrator",
      paths: [["adapter.safetensors", record.size]],
      verified: [],
    });
    expect((got["tags"] as Record<string, string>)["1.0.0"]).toBe(commit);
    expect(got["listed"]).toEqual(got["files"]);
  }, 300_000);

  test("what is not there, and what cannot be published, is refused in words that the client shows", async () => {
    const stranger = join(folder, "stranger");
    await mkdir(stranger);
    for (const name of ["adapter_config.json", "adapter_model.safetensors"])
      await writeFile(join(stranger, name), await readFile(join(folder, "adapter", name)));
    const config = JSON.parse(await readFile(join(stranger, "adapter_config.json"), "utf8")) as object;
    await writeFile(join(stranger, "adapter_config.json"), JSON.stringify({ ...config, base_model_name_or_path: "nobody/knows" }));
    const got = await ask<Record<string, [string, string]>>({ do: "faults", stranger });
    expect(Object.fromEntries(Object.entries(got).map(([name, [kind]]) => [name, kind]))).toEqual({
      repo: "RepositoryNotFoundError",
      revision: "RevisionNotFoundError",
      entry: "RemoteEntryNotFoundError",
      pickle: "BadRequestError",
      base: "HfHubHTTPError",
      branch: "BadRequestError",
      anonymous: "HfHubHTTPError",
    });
    expect(got["pickle"]?.[1]).toContain("training_args.bin");
    expect(got["base"]?.[1]).toContain("no registered base has that name");
    expect(got["anonymous"]?.[1]).toContain("401");
  }, 120_000);
});
