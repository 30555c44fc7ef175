import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isGraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import { createTokenText, storeFirstToken } from "@graft/registry";
import type { BlobStore, MetadataStore } from "@graft/storage";
import { openFileBlobStore, openPostgresStore, openSqliteStore } from "@graft/storage/node";
import { createSecretKey, openSigningKey, type SigningKey } from "@graft/trust";

/** What a registry on one machine keeps: `registry.sqlite`, `blobs/`, `signing-key`, `admin-token`. */
export interface DataFolder {
  readonly metadata: MetadataStore;
  readonly blobs: BlobStore;
  readonly key: SigningKey;
  readonly keyCreatedAt: string;
  /** The first token, only when this start made it; later it stands in `tokenFile`. */
  readonly token: string | undefined;
  readonly tokenFile: string;
}

/** Where metadata is kept when it is not in the folder. */
export interface DatabaseSettings {
  /** `postgres://` address. */
  readonly database: string | undefined;
  readonly databaseConnections: number;
}

/** Opens a data folder, or makes one with a new key and a first token. Several servers may share a folder on one machine, and a database anywhere. */
export async function openDataFolder(folder: string, { database, databaseConnections }: DatabaseSettings): Promise<DataFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw fileError(cause, `make the data folder "${folder}"`);
  });
  const keyFile = join(folder, "signing-key");
  const secret = await secretFile(keyFile, createSecretKey);
  const key = await openSigningKey(secret);
  const { mtime } = await stat(keyFile);
  const blobs = await openFileBlobStore(join(folder, "blobs"));
  const metadata =
    database === undefined
      ? await openSqliteStore(join(folder, "registry.sqlite"))
      : await openPostgresStore(database, { connections: databaseConnections });
  try {
    return { metadata, blobs, key, keyCreatedAt: mtime.toISOString(), ...(await firstToken(folder, metadata)) };
  } catch (cause) {
    await metadata.close();
    throw cause;
  }
}

/** The file comes before the row: killed in between, the next start finds the text and stores its hash. */
async function firstToken(folder: string, metadata: MetadataStore): Promise<{ token: string | undefined; tokenFile: string }> {
  const tokenFile = join(folder, "admin-token");
  if ((await metadata.tokens.count()) > 0) return { token: undefined, tokenFile };
  const text = await secretFile(tokenFile, createTokenText);
  await storeFirstToken(metadata, { text, now: new Date() });
  return { token: text, tokenFile };
}

/** Reads a secret, or writes a new one that only the owner may read; of two processes that start at once, one wins. */
async function secretFile(path: string, create: () => Promise<string>): Promise<string> {
  const read = async (): Promise<string> => (await readFile(path, "utf8")).trim();
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ENOENT")) throw fileError(cause, `read "${path}"`);
  }
  try {
    await writeFileWhole(path, `${await create()}\n`, { overwrite: false, mode: 0o600 });
  } catch (cause) {
    if (!(isGraftError(cause) && cause.detail?.["errno"] === "EEXIST")) throw cause;
  }
  return await read();
}
