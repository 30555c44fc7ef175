import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRegistry, createTokenText, scryptHasher, storeFirstToken, type RegistryOptions } from "@graft/registry";
import { openFileBlobStore, openSqliteStore } from "@graft/storage/node";
import { createSecretKey, openSigningKey } from "@graft/trust";

/** A registry in a fresh folder, and ways to speak to it without a port. */
export async function aRegistry(options: Partial<RegistryOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "graft-registry-"));
  const metadata = await openSqliteStore(":memory:");
  const blobs = await openFileBlobStore(join(folder, "blobs"));
  const key = await openSigningKey(await createSecretKey());
  const faults: unknown[] = [];
  const app = createRegistry({
    metadata,
    blobs,
    key,
    keyCreatedAt: "2026-01-01T00:00:00.000Z",
    onFault: (cause) => faults.push(cause),
    // As costly as it is, one hash would take longer than all else.
    passwords: scryptHasher({ N: 16, r: 1, p: 1 }),
    ...options,
  });
  const token = await createTokenText();
  await storeFirstToken(metadata, { text: token, now: new Date() });

  const send = (
    method: string,
    path: string,
    init: { body?: unknown; token?: string | null; headers?: Record<string, string>; peer?: string; origin?: string } = {},
  ): Promise<Response> => {
    const headers: Record<string, string> = { ...init.headers };
    if (init.token !== null) headers["authorization"] = `Bearer ${init.token ?? token}`;
    const isBytes = init.body instanceof Uint8Array || init.body instanceof ReadableStream;
    if (init.body !== undefined && !isBytes) headers["content-type"] = "application/json";
    const body = isBytes || init.body === undefined ? (init.body as BodyInit | undefined) : JSON.stringify(init.body);
    return Promise.resolve(
      app.request(
        (init.origin ?? "") + path,
        {
          method,
          headers,
          body: body ?? null,
          ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
        } as RequestInit,
        // What Hono's adapter for Node gives a request.
        init.peer === undefined ? {} : { incoming: { socket: { remoteAddress: init.peer } } },
      ),
    );
  };
  const close = async (): Promise<void> => {
    await metadata.close();
    await rm(folder, { recursive: true });
  };
  return { app, metadata, blobs, key, token, faults, folder, send, close };
}

/** A registry under test. */
export type TestRegistry = Awaited<ReturnType<typeof aRegistry>>;
