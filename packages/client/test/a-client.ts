import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AdapterClient } from "@graft/client";
import type { Patience } from "@graft/client";
import { createClient } from "@graft/client/node";
import { startServer, type RunningServer } from "../../../apps/server/src/start-server.ts";
import { afterAll } from "vitest";
import { squareAdapter, squareBase } from "../../../apps/server/test/a-published-adapter.ts";

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "graft-client-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A registry on a free port, with one adapter of 3.8 MB, `@test/square@1.0.0`, and one that is not published yet. */
export async function aRegistry(): Promise<{ server: RunningServer; data: string; published: Published; fresh: Published }> {
  const data = temporaryFolder();
  const server = await startServer({ data, host: "127.0.0.1", port: 0, logLevel: "silent" });
  afterAll(() => server.close());
  const client = await aClient({ registry: server.url, token: server.token });
  const base = squareBase(60_000);
  await client.registry.registerBase(base);
  const [published, fresh] = await Promise.all(
    ["1.0.0", "2.0.0"].map(async (version, value): Promise<Published> => {
      const { bytes, request } = await squareAdapter(base, { name: "@test/square", version, value: value + 1 });
      const manifest = { ...request.manifest, name: "@test/square", version };
      return { bytes, digest: request.digest, manifest, tensorsDigest: request.tensorsDigest };
    }),
  );
  if (published === undefined || fresh === undefined) throw new Error("no adapter");
  await client.publish(published);
  return { server, data, published, fresh };
}

/** What `publish` takes, and the digest. */
export type Published = Parameters<AdapterClient["publish"]>[0] & { readonly digest: `sha256:${string}` };

/** A client with settings of its own; its cache is fresh unless given. */
export function aClient(options: {
  registry: string;
  token?: string | undefined;
  cache?: string;
  environment?: Record<string, string>;
  fetch?: typeof fetch;
  clock?: () => number;
  maxAgeHours?: number;
  patience?: Patience;
}): Promise<AdapterClient> {
  const environment = { GRAFT_CONFIG: join(temporaryFolder(), "config.json"), ...options.environment };
  return createClient({ ...options, environment, cache: options.cache ?? temporaryFolder() });
}
