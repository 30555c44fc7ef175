import { open } from "node:fs/promises";
import { join } from "node:path";
import { isDigest, type Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { parseSpecifier } from "@graft/format";
import { fileError, writeFileWhole } from "@graft/files";
import { Mirror, type MirrorStore } from "@graft/registry";
import { openFileBlobStore } from "@graft/storage/node";
import { z } from "zod";
import { openMirrorFolder } from "./mirror-folder.ts";
import { upstreamAt } from "./start-mirror.ts";

/** First bytes of an archive: what it is, and its version. */
const MAGIC = "GRAFTARC1\n";

/** Bytes of the list at the head of an archive: 1,000 adapters with their proofs take about 20 MB. */
const HEAD_BYTES = 256 * 2 ** 20;

const Head = z.object({
  documents: z.record(z.string().max(500), z.string()),
  blobs: z.array(z.object({ digest: z.string().refine(isDigest), size: z.int().min(0) })),
});

/** What an archive holds. */
export interface ArchivedAdapter {
  readonly name: string;
  readonly version: string;
  readonly wanted: string;
  readonly size: number;
}

/** What an archive holds, and when its view of the registry was signed. */
export interface Archive {
  readonly adapters: readonly ArchivedAdapter[];
  readonly signedAt: string;
}

/**
 * Writes adapters of a registry with all their proofs into one file: `GRAFTARC1`, a newline, the length of a JSON text as 16 hex digits, the
 * text (documents of a mirror, digests and sizes), and the bytes one after the other. Everything is checked as it comes.
 */
export async function exportArchive(
  path: string,
  { registry, specifiers, folder }: { readonly registry: string; readonly specifiers: readonly string[]; readonly folder: string },
): Promise<Archive> {
  const fetchUpstream = upstreamAt(registry);
  const store = await openMirrorFolder(join(folder, "mirror"));
  const blobs = await openFileBlobStore(join(folder, "blobs"));
  const mirror = new Mirror({ store, fetchUpstream, refreshAfter: 0 });
  for (const specifier of specifiers) {
    const { name, range, tag = "latest" } = parseSpecifier(specifier);
    await mirror.resolve({ name, wanted: range ?? tag });
  }
  const listed = new Map<Digest, number>();
  for (const { name, resolution } of (await mirror.view())?.asked ?? []) {
    const { record } = await mirror.held(name, resolution.statement.version);
    for (const { digest, size } of [record, ...record.files]) {
      listed.set(digest, size);
      if ((await blobs.size(digest)) !== undefined) continue;
      const response = await fetchUpstream(`/v1/blobs/${digest}`, { headers: { "accept-encoding": "identity" } });
      if (!response.ok || response.body === null)
        throw new GraftError("READ_FAILED", `Cannot fetch ${digest}: the registry answered ${response.status}`);
      await blobs.put(digest, { bytes: response.body as unknown as AsyncIterable<Uint8Array>, size, limit: size, owner: "archive" });
    }
  }
  const documents = Object.fromEntries(
    await Promise.all((await store.list()).map(async (key) => [key, (await store.read(key)) ?? ""] as const)),
  );
  const head = new TextEncoder().encode(JSON.stringify({ documents, blobs: [...listed].map(([digest, size]) => ({ digest, size })) }));
  await writeFileWhole(
    path,
    (async function* () {
      yield new TextEncoder().encode(MAGIC + head.length.toString(16).padStart(16, "0"));
      yield head;
      for (const [digest, size] of listed) {
        const blob = await blobs.open(digest);
        if (blob === undefined) throw new GraftError("INTERNAL", `The blob ${digest} vanished`);
        yield* blob.stream(0, size);
        await blob.close();
      }
    })(),
  );
  return contents(mirror);
}

/** Takes an archive into the data folder of a mirror, after checking all of it: proofs, digests, and that it is not older than what is there. */
export async function importArchive(path: string, { data }: { readonly data: string }): Promise<Archive> {
  const file = await open(path).catch((cause: unknown) => {
    throw fileError(cause, `read "${path}"`);
  });
  try {
    const start = Buffer.alloc(MAGIC.length + 16);
    await file.read(start, 0, start.length, 0);
    const length = Number.parseInt(start.subarray(MAGIC.length).toString("latin1"), 16);
    if (start.subarray(0, MAGIC.length).toString("latin1") !== MAGIC || !(length <= HEAD_BYTES))
      throw invalid(path, "it is no archive of graft");
    const text = Buffer.alloc(length);
    await file.read(text, 0, length, start.length);
    const head = parseHead(path, text);
    const documents = new Map(Object.entries(head.documents));
    const mirror = new Mirror({ store: memoryStore(documents), fetchUpstream: unreachable });
    await mirror.audit();
    const store = await openMirrorFolder(join(data, "mirror"));
    await new Mirror({ store, fetchUpstream: unreachable }).refuseOlderThan(mirror);
    const blobs = await openFileBlobStore(join(data, "blobs"));
    let at = start.length + length;
    for (const { digest, size } of head.blobs) {
      if ((await mirror.holds(digest)) !== size) throw invalid(path, `no version in it has the bytes ${digest}`);
      const bytes = file.createReadStream({ start: at, end: Math.max(at, at + size - 1), autoClose: false, highWaterMark: 1 << 20 });
      await blobs.put(digest as Digest, { bytes: size === 0 ? empty() : bytes, size, limit: size, owner: "archive" });
      at += size;
    }
    // The view comes last: until then the mirror shows what it showed before.
    for (const [key, document] of documents) if (key !== "view") await store.write(key, document);
    await store.write("view", documents.get("view") ?? "");
    return contents(mirror);
  } finally {
    await file.close();
  }
}

async function contents(mirror: Mirror): Promise<Archive> {
  const view = await mirror.view();
  if (view === undefined) throw new GraftError("USAGE", "Cannot archive nothing: name at least one adapter");
  const adapters = await Promise.all(
    view.asked.map(async ({ name, wanted, resolution }) => {
      const { record } = await mirror.held(name, resolution.statement.version);
      return { name, version: record.version, wanted, size: record.size };
    }),
  );
  return { adapters, signedAt: new Date(view.time).toISOString() };
}

function parseHead(path: string, text: Uint8Array): z.infer<typeof Head> {
  try {
    return Head.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)));
  } catch (cause) {
    throw invalid(path, "its list is damaged", cause);
  }
}

function invalid(path: string, why: string, cause?: unknown): GraftError {
  return new GraftError("LOG_INVALID", `Cannot import "${path}": ${why}`, {
    hint: "Export it again: graft archive export",
    ...(cause === undefined ? {} : { cause }),
  });
}

function memoryStore(documents: Map<string, string>): MirrorStore {
  return {
    read: async (key) => documents.get(key),
    write: async (key, text) => void documents.set(key, text),
    list: async () => [...documents.keys()],
  };
}

async function* empty(): AsyncGenerator<Uint8Array> {}

async function unreachable(): Promise<never> {
  throw new Error("an archive has no registry behind it");
}
