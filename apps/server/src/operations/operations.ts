import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import { collectBlobs, type Collected } from "@graft/storage";
import { makeDataFolder } from "../data-folder.ts";
import type { ServerSettings } from "../settings.ts";
import { checkRegistry, type RegistryCheck } from "./check-registry.ts";
import { copyRegistry, type Copied, type CopyOptions } from "./copy-registry.ts";
import { goodBytesFrom } from "./good-bytes.ts";
import { withStores } from "./stores.ts";

/** Where a registry is. */
export type RegistryPlace = Pick<ServerSettings, "data" | "database" | "blobs">;

/** Hashes every blob of a registry again; repairs from a registry or a bucket where one is named. */
export async function checkStores(
  place: RegistryPlace,
  { repairFrom, token, progress }: { repairFrom?: string | undefined; token?: string | undefined; progress?: (done: number) => void } = {},
): Promise<RegistryCheck> {
  const goodBytes = repairFrom === undefined ? undefined : await goodBytesFrom(repairFrom, token);
  return await withStores(await existing(place), (stores) =>
    checkRegistry(stores, { ...(goodBytes === undefined ? {} : { goodBytes }), ...(progress === undefined ? {} : { progress }) }),
  );
}

/** Removes blobs that nothing names and that an earlier run marked more than `hours` ago. */
export async function collect(place: RegistryPlace, hours: number): Promise<Collected> {
  return await withStores(await existing(place), (stores) => collectBlobs(stores, { now: Date.now(), delay: hours * 60 * 60 * 1000 }));
}

/** Copies a registry into an empty database and a store of blobs; servers that are started on them need the same signing key. */
export async function moveRegistry(
  place: RegistryPlace,
  to: { readonly database: string; readonly blobs: string },
  options: CopyOptions = {},
): Promise<Copied> {
  return await withStores(await existing(place), (from) =>
    withStores({ data: place.data, ...to }, (there) => copyRegistry(from, there, options)),
  );
}

/** Copies a registry, wherever it is kept, into an empty folder that a server can be started on. */
export async function backUp(place: RegistryPlace, folder: string, options: CopyOptions = {}): Promise<Copied> {
  await existing(place);
  await makeDataFolder(folder);
  const copied = await withStores(place, (from) => withStores(inFolder(folder), (to) => copyRegistry(from, to, options)));
  await copySecrets(place.data, folder);
  return copied;
}

/** Fills an empty registry from such a folder. */
export async function restore(place: RegistryPlace, folder: string, options: CopyOptions = {}): Promise<Copied> {
  await existing(inFolder(folder));
  await makeDataFolder(place.data);
  const copied = await withStores(inFolder(folder), (from) => withStores(place, (to) => copyRegistry(from, to, options)));
  await copySecrets(folder, place.data);
  return copied;
}

function inFolder(data: string): RegistryPlace {
  return { data, database: undefined, blobs: undefined };
}

/** FILE_NOT_FOUND where there is no registry: opening one would make it. */
async function existing(place: RegistryPlace): Promise<RegistryPlace> {
  if (place.database !== undefined) return place;
  await stat(join(place.data, "registry.sqlite")).catch(() => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot find a registry in "${place.data}": it has no registry.sqlite`, {
      hint: "Name the folder with --data, or the database with GRAFT_DATABASE",
    });
  });
  return place;
}

/** The key that signs and the first token, where they are. */
async function copySecrets(from: string, to: string): Promise<void> {
  for (const name of ["signing-key", "admin-token"])
    await copyFile(join(from, name), join(to, name)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT") throw fileError(cause, `copy "${name}"`);
    });
}
