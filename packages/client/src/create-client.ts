import { dirname, join } from "node:path";
import { EnvHttpProxyAgent, fetch as proxyFetch } from "undici";
import { AdapterClient } from "./adapter-client.ts";
import type { Patience } from "./bounded-body.ts";
import { BlobCache } from "./cache/blob-cache.ts";
import { cacheLimit } from "./cache/cache-size.ts";
import { readConfiguration, userFolders } from "./configuration-file.ts";
import { type Configuration, resolveRegistry } from "./settings.ts";
import { authorKeys, headLifetime } from "./trust/trust-settings.ts";
import { trustFile } from "./trust/trust-file.ts";

/** How a client is made; everything left out comes from the environment and the configuration file. */
export interface ClientOptions {
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
  /** Folder of the cache. */
  readonly cache?: string | undefined;
  /** Scope whose registry is wanted, where the configuration binds scopes. */
  readonly scope?: string | undefined;
  /** Registry that a lock file names. */
  readonly locked?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Hours that what is shown of a registry may be old; 24 when left out. */
  readonly maxAgeHours?: number | undefined;
  readonly patience?: Patience | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: (() => number) | undefined;
}

/** A client with the settings that apply here: flag, environment, configuration file. */
export async function createClient(options: ClientOptions = {}): Promise<AdapterClient> {
  const environment = options.environment ?? process.env;
  const folders = userFolders(environment);
  const sources = {
    registry: options.registry,
    token: options.token,
    locked: options.locked,
    environment,
    configuration: await readConfiguration(folders.configuration),
  };
  return new AdapterClient({
    ...resolveRegistry(sources, options.scope),
    direct: true,
    fetch: options.fetch ?? platformFetch(environment),
    patience: options.patience,
    cache: openCache({ cache: options.cache, environment }, sources.configuration),
    trust: {
      store: trustFile(join(options.cache === undefined ? dirname(folders.configuration) : options.cache, "known-registries.json")),
      authors: await authorKeys(sources.configuration.authors),
      lifetime: headLifetime(options.maxAgeHours, environment),
      clock: options.clock,
    },
  });
}

/** The cache of this machine, or one in a folder that is given. */
export function openCache(
  options: Pick<ClientOptions, "cache" | "environment"> = {},
  configuration: Pick<Configuration, "cacheSize"> = {},
): BlobCache {
  const { cache, environment = process.env } = options;
  return new BlobCache(cache ?? userFolders(environment).cache, { limit: cacheLimit(environment, configuration.cacheSize) });
}

/** Node's fetch, through the proxy that the environment names. NODE_EXTRA_CA_CERTS is honoured by Node itself. */
function platformFetch(environment: Readonly<Record<string, string | undefined>>): typeof fetch {
  const setting = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name] || undefined;
  const [httpProxy, httpsProxy] = [setting("HTTP_PROXY"), setting("HTTPS_PROXY")];
  if (httpProxy === undefined && httpsProxy === undefined) return fetch;
  const noProxy = [setting("NO_PROXY"), "127.0.0.1", "localhost", "[::1]"].filter(Boolean).join(",");
  const dispatcher = new EnvHttpProxyAgent({
    noProxy,
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
  });
  return ((input: URL, init: RequestInit) =>
    proxyFetch(input, { ...init, dispatcher } as Parameters<typeof proxyFetch>[1])) as unknown as typeof fetch;
}
