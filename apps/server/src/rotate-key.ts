import { openDataFolder } from "./data-folder.ts";
import type { ServerSettings } from "./settings.ts";
import { rotateRegistryKey } from "./signing-key.ts";

/** Gives the registry of a data folder a new key. Servers that run are started again after it: until then they sign nothing. */
export async function rotateKey(settings: ServerSettings, options: { readonly revoked: boolean }): ReturnType<typeof rotateRegistryKey> {
  const { metadata, keyFile } = await openDataFolder(settings.data, settings);
  try {
    return await rotateRegistryKey(keyFile, metadata.log, { ...options, now: new Date() });
  } finally {
    await metadata.close();
  }
}
