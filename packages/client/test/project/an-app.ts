import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Project, type ProjectOptions } from "@graft/client/node";
import { afterAll } from "vitest";
import { squareAdapter, squareBase } from "../../../../apps/server/test/a-published-adapter.ts";
import { type RunningServer, startServer } from "../../../../apps/server/src/start-server.ts";
import { aClient, temporaryFolder } from "../a-client.ts";

/** A registry on a free port that can be published to and closed. */
export interface AppRegistry {
  readonly server: RunningServer;
  /** Publishes a version whose bytes depend on `value`; two bases tell adapters of one apart from those of another. */
  publish(reference: string, options?: { value?: number; base?: "one" | "other" }): Promise<void>;
}

const BASES = { one: squareBase(8), other: squareBase(16) };

/** Starts a registry that knows two bases. */
export async function appRegistry(): Promise<AppRegistry> {
  const server = await startServer({ data: temporaryFolder(), host: "127.0.0.1", port: 0, logLevel: "silent" });
  afterAll(() => server.close());
  const client = await aClient({ registry: server.url, token: server.token });
  for (const base of Object.values(BASES)) await client.registry.registerBase(base);
  return {
    server,
    publish: async (reference, { value = 1, base = "one" } = {}) => {
      const at = reference.indexOf("@", 1);
      const [name, version] = [reference.slice(0, at), reference.slice(at + 1)];
      const { bytes, request } = await squareAdapter(BASES[base], { name, version, value });
      await client.publish({ bytes, manifest: { ...request.manifest, name, version }, tensorsDigest: request.tensorsDigest });
    },
  };
}

/** An app in an empty folder, with a cache and settings of its own unless they are given. */
export async function anApp(
  options: ProjectOptions & { folder?: string } = {},
): Promise<{ folder: string; cache: string; project: Project }> {
  const home = temporaryFolder();
  const { folder = join(home, "app"), cache = join(home, "cache"), ...rest } = options;
  mkdirSync(folder, { recursive: true });
  const environment = { GRAFT_CONFIG: join(home, "config.json"), ...options.environment };
  return { folder, cache, project: await Project.open(folder, { ...rest, cache, environment }) };
}
