import { GraftError } from "@graft/error";

/** What a configuration file may say. */
export interface Configuration {
  readonly registry?: string;
  /** Scopes that live in one registry and are never looked for in another. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Tokens by registry. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Public keys of authors by `@scope/name` or `@scope`: their adapters must be signed by them. */
  readonly authors?: Readonly<Record<string, string>>;
  /** Most bytes of the cache, such as "2GB". */
  readonly cacheSize?: string;
}

/** Where settings come from, in the order in which they count. */
export interface SettingsSources {
  readonly registry?: string | undefined;
  readonly token?: string | undefined;
  /** What a lock file names, which comes with code that others wrote. */
  readonly locked?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly configuration: Configuration;
}

/** The registry of a name, or of everything: flag, scope binding, lock file, GRAFT_REGISTRY, configuration. REGISTRY_NOT_SET when there is none. */
export function resolveRegistry(sources: SettingsSources, scope?: string): { registry: string; token?: string } {
  const bound = scope === undefined ? undefined : sources.configuration.scopes?.[`@${scope.replace(/^@/, "")}`];
  const own = [sources.environment["GRAFT_REGISTRY"], sources.configuration.registry];
  const chosen = firstSet(sources.registry, bound, sources.locked, ...own);
  if (chosen === undefined) {
    throw new GraftError("REGISTRY_NOT_SET", "Cannot choose a registry: none is set", {
      hint: "Pass --registry, set GRAFT_REGISTRY, or run: graft login --registry <url>",
    });
  }
  const registry = normaliseRegistry(chosen);
  const told = firstSet(sources.registry, bound, ...own);
  // A lock file must not lead a token to where its owner never meant to send it.
  const given = told !== undefined && normaliseRegistry(told) === registry ? [sources.token, sources.environment["GRAFT_TOKEN"]] : [];
  const token = firstSet(...given, sources.configuration.tokens?.[registry]);
  return token === undefined ? { registry } : { registry, token };
}

/** An empty setting is none: shells and build files leave such variables behind. */
function firstSet(...values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value.trim() !== "")?.trim();
}

/** An address without the slash at its end; USAGE when it is no http address. */
export function normaliseRegistry(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && (url.protocol === "http:" || url.protocol === "https:")) return url.href.replace(/\/+$/, "");
  throw new GraftError("USAGE", `Cannot use "${address}" as a registry: it is no http or https address`, {
    hint: "An address looks like http://127.0.0.1:7447",
  });
}
