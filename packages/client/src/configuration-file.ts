import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import { z } from "zod";
import type { Configuration } from "./settings.ts";

const ConfigurationFile = z.object({
  registry: z.string().optional(),
  scopes: z.record(z.string(), z.string()).optional(),
  tokens: z.record(z.string(), z.string()).optional(),
  authors: z.record(z.string(), z.string()).optional(),
  cacheSize: z.string().optional(),
});

/** Folders of Graft on this machine, after the XDG base directories. */
export function userFolders(environment: Readonly<Record<string, string | undefined>>): {
  configuration: string;
  cache: string;
  data: string;
} {
  const home = homedir();
  return {
    configuration: environment["GRAFT_CONFIG"] ?? join(environment["XDG_CONFIG_HOME"] ?? join(home, ".config"), "graft", "config.json"),
    cache: environment["GRAFT_CACHE"] ?? join(environment["XDG_CACHE_HOME"] ?? join(home, ".cache"), "graft"),
    data: environment["GRAFT_HOME"] ?? join(environment["XDG_DATA_HOME"] ?? join(home, ".local", "share"), "graft"),
  };
}

/** Reads the configuration; a file that is not there says nothing. */
export async function readConfiguration(path: string): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw fileError(cause, `read "${path}"`);
  }
  try {
    const { registry, scopes, tokens, authors, cacheSize } = ConfigurationFile.parse(JSON.parse(text));
    return {
      ...(registry === undefined ? {} : { registry }),
      ...(scopes === undefined ? {} : { scopes }),
      ...(tokens === undefined ? {} : { tokens }),
      ...(authors === undefined ? {} : { authors }),
      ...(cacheSize === undefined ? {} : { cacheSize }),
    };
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read the configuration "${path}": it is not what Graft writes`, {
      hint: "Mend or remove the file",
      cause,
    });
  }
}

/** Writes the configuration, readable by its owner alone since it holds tokens. */
export async function writeConfiguration(path: string, configuration: Configuration): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw fileError(cause, `write "${path}"`);
  });
  await writeFileWhole(path, `${JSON.stringify(configuration, null, 2)}\n`, { mode: 0o600 });
}
