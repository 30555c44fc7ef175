import { rename, rm, stat } from "node:fs/promises";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import type { LogStore } from "@graft/storage";
import { createSecretKey, openSigningKey, signRotation, type SigningKey } from "@graft/trust";
import { readSecret, secretFile } from "./secret-file.ts";

/** The key of a registry, and when it was made. */
export interface RegistryKey {
  readonly key: SigningKey;
  readonly keyCreatedAt: string;
}

/** Opens the key of a registry, or makes the first one. A change that was cut short is finished or undone: the log says which. */
export async function openRegistryKey(file: string, log: LogStore): Promise<RegistryKey> {
  const known = (await log.keys()).at(-1)?.id;
  const next = await readSecret(nextFile(file));
  if (next !== undefined) {
    if ((await openSigningKey(next)).public.id === known) await rename(nextFile(file), file);
    else await rm(nextFile(file), { force: true });
  }
  const key = await openSigningKey(await secretFile(file, createSecretKey));
  const { mtime } = await stat(file);
  const keyCreatedAt = mtime.toISOString();
  if (known === undefined) await log.adoptKey({ ...key.public, createdAt: keyCreatedAt });
  const current = (await log.keys()).at(-1)?.id;
  if (current !== key.public.id) {
    throw new GraftError("CONFLICT", `Cannot open the registry: it signs with the key ${current}, and "${file}" holds ${key.public.id}`, {
      hint: "Give every server of a database the same file (GRAFT_SIGNING_KEY_FILE)",
    });
  }
  return { key, keyCreatedAt };
}

/** Gives the registry a new key: its file is written first, then the change is signed by both and logged, then the file takes its place. */
export async function rotateRegistryKey(
  file: string,
  log: LogStore,
  { revoked, now }: { readonly revoked: boolean; readonly now: Date },
): Promise<{ readonly previous: string; readonly next: string; readonly number: number }> {
  const { key } = await openRegistryKey(file, log);
  const secret = await createSecretKey();
  const next = await openSigningKey(secret);
  await writeFileWhole(nextFile(file), `${secret}\n`, { mode: 0o600 });
  const time = now.toISOString();
  await log.rotateKey(
    { ...next.public, createdAt: time },
    { previous: key.public.id, sign: (facts) => signRotation({ ...facts, revoked, time }, { previous: key, next }) },
  );
  await rename(nextFile(file), file).catch((cause: unknown) => {
    throw fileError(cause, `write "${file}"`);
  });
  return { previous: key.public.id, next: next.public.id, number: (await log.keys()).length };
}

function nextFile(file: string): string {
  return `${file}.next`;
}
