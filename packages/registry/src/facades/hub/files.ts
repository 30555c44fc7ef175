import { parseRange } from "../../byte-range.ts";
import type { Context } from "hono";
import { blobAccess } from "../../blob-access.ts";
import { blobResponse } from "../../blob-response.ts";
import type { RegistryParts } from "../../context.ts";
import { beginsDownload } from "../../count-downloads.ts";
import type { VersionFile } from "../version-files.ts";
import { hubNotFound } from "./hub-error.ts";

/** A file in the Hub's listings: `oid` is git's name of small files, `lfs` the sha256 of large ones. */
export async function treeEntry(file: VersionFile): Promise<Record<string, unknown>> {
  const { path, size } = file;
  if ("content" in file) return { type: "file", path, size, oid: await gitDigest(file.content) };
  const oid = file.blob.slice("sha256:".length);
  return { type: "file", path, size, oid: oid.slice(0, 40), lfs: { oid, size, pointerSize: 134 } };
}

/** Answers with a file of a version. `ETag` is what clients name the file by in their cache: hex digits without a colon. */
export async function fileResponse(
  context: Context,
  { parts, file, commit }: { parts: RegistryParts; file: VersionFile; commit: string },
): Promise<Response> {
  context.header("x-repo-commit", commit);
  if ("blob" in file) {
    const blob = await parts.blobs.open(file.blob);
    if (blob === undefined) throw hubNotFound("EntryNotFound", `the bytes of ${file.path}`, commit);
    const isPublic = (await blobAccess(parts, { digest: file.blob, caller: undefined })) === "everybody";
    const response = await blobResponse(context, { blob, digest: file.blob, isPublic });
    if (beginsDownload(context, response)) parts.countDownload(file.blob);
    response.headers.set("etag", `"${file.blob.slice("sha256:".length)}"`);
    return response;
  }
  const { content } = file;
  const headers: Record<string, string> = {
    etag: `"${await gitDigest(content)}"`,
    "accept-ranges": "bytes",
    "content-type": "text/plain; charset=utf-8",
    "content-disposition": "attachment",
  };
  const range = parseRange(context.req.header("range"), content.length);
  const { begin, end } = range ?? { begin: 0, end: content.length };
  headers["content-length"] = String(end - begin);
  if (range !== undefined) headers["content-range"] = `bytes ${begin}-${end - 1}/${content.length}`;
  const body = context.req.raw.method === "HEAD" ? new Uint8Array() : content.slice(begin, end);
  return context.body(body, range === undefined ? 200 : 206, headers);
}

/** Git's name of a blob: sha1 over a header and the bytes. It identifies, and protects nothing. */
async function gitDigest(content: Uint8Array): Promise<string> {
  const header = new TextEncoder().encode(`blob ${content.length}\0`);
  const bytes = new Uint8Array(header.length + content.length);
  bytes.set(header);
  bytes.set(content, header.length);
  return Array.from(new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
