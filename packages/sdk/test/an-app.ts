import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measureMatrices } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { createClient, Project } from "@graft/client/node";
import { prepareVersion } from "@graft/format";
import { tinyCheckpoint } from "../../../apps/cli/test/tiny-checkpoint.ts";
import { startServer } from "../../../apps/server/src/start-server.ts";
import { randomAdapter } from "../../loader/test/random-adapter.ts";

/** An app whose lock pins two adapters of its base. */
export interface TestApp {
  readonly folder: string;
  readonly base: string;
  /** Environment of commands that work on it: a cache and settings of its own. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes an app with a tiny base, `@test/topics` (act, animal, plant) and `@test/mood` (good, bad), from a registry that is gone afterwards. */
export async function anApp(folder: string): Promise<TestApp> {
  const environment = { GRAFT_CACHE: join(folder, ".graft/cache"), GRAFT_CONFIG: join(folder, ".graft/config.json") };
  const server = await startServer({ data: join(folder, ".graft/registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
  const path = await tinyCheckpoint(join(folder, "base"));
  const base = await openBase(path);
  const client = await createClient({ registry: server.url, token: server.token, cache: environment.GRAFT_CACHE, environment });
  const identity = await identifyBase(base);
  await client.registry.registerBase({ ...identity.reference, matrices: await measureMatrices(base, identity) });
  for (const [name, labels] of [
    ["@test/topics", ["act", "animal", "plant"]],
    ["@test/mood", ["good", "bad"]],
  ] as const)
    await client.publish(await prepareVersion(await randomAdapter(base, { labels }), { name, version: "1.2.0" }));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "graft.json"), JSON.stringify({ base: "./base" }));
  await (
    await Project.open(folder, { registry: server.url, cache: environment.GRAFT_CACHE, environment })
  ).add(["@test/topics", "@test/mood"]);
  await server.close();
  return { folder, base: path, environment };
}
