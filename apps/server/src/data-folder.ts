import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "@graft/files";
import { createTokenText, storeFirstToken } from "@graft/registry";
import type { BlobStore, MetadataStore } from "@graft/storage";
import { isS3Address, openFileBlobStore, openPostgresStore, openS3BlobStore, openSqliteStore } from "@graft/storage/node";
import type { SigningKey } from "@graft/trust";
import { secretFile } from "./secret-file.ts";
import { openRegistryKey } from "./signing-key.ts";

/** What a registry on one machine keeps: `registry.sqlite`, `blobs/`, `signing-key`, `admin-token`. */
export interface DataFolder {
  readonly metadata: MetadataStore;
  readonly blobs: BlobStore;
  readonly key: SigningKey;
  readonly keyCreatedAt: string;
  readonly keyFile: string;
  /** The first token, only when this start made it; later it stands in `tokenFile`. */
  readonly token: string | undefined;
  readonly tokenFile: string;
}

/** Where metadata and blobs are kept when they are not in the folder. */
export interface StorePlaces {
  /** A folder, or an `s3://` address. */
  readonly blobs: string | undefined;
  /** `postgres://` address. */
  readonly database: string | undefined;
  readonly databaseConnections: number;
  /** Where the key is that signs, when it is not in the folder. */
  readonly signingKeyFile: string | undefined;
}

/** Opens a data folder, or makes one with a new key and a first token. Several servers may share a folder on one machine, and a database anywhere. */
export async function openDataFolder(folder: string, places: StorePlaces): Promise<DataFolder> {
  const { database, databaseConnections, signingKeyFile } = places;
  await makeDataFolder(folder);
  const blobs = await openBlobs(places.blobs ?? join(folder, "blobs"));
  const metadata =
    database === undefined
      ? await openSqliteStore(join(folder, "registry.sqlite"))
      : await openPostgresStore(database, { connections: databaseConnections });
  try {
    const keyFile = signingKeyFile ?? join(folder, "signing-key");
    const key = await openRegistryKey(keyFile, metadata.log);
    return { metadata, blobs, keyFile, ...key, ...(await firstToken(folder, metadata)) };
  } catch (cause) {
    await metadata.close();
    throw cause;
  }
}

/** Makes a folder that only its owner may look into. */
export async function makeDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw fileError(cause, `make the data folder "${folder}"`);
  });
}

/** Opens a folder of blobs, or a bucket by its `s3://` address. */
export function openBlobs(place: string): Promise<BlobStore> {
  return isS3Address(place) ? openS3BlobStore(place) : openFileBlobStore(place);
}

/** The file comes before the row: killed in between, the next start finds the text and stores its hash. */
async function firstToken(folder: string, metadata: MetadataStore): Promise<{ token: string | undefined; tokenFile: string }> {
  const tokenFile = join(folder, "admin-token");
  if ((await metadata.tokens.count()) > 0) return { token: undefined, tokenFile };
  const text = await secretFile(tokenFile, createTokenText);
  await storeFirstToken(metadata, { text, now: new Date() });
  return { token: text, tokenFile };
}
