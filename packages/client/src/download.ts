import { GraftError, isGraftError } from "@graft/error";
import { routePath } from "@graft/protocol";
import { type Patience, PATIENCE, timedBody } from "./bounded-body.ts";
import { type Connection, pause, send } from "./http.ts";

/** Where a download goes: hashes what it is given, and knows what is there already. */
export interface DownloadSink {
  readonly offset: number;
  write(bytes: Uint8Array): Promise<void>;
  restart(): Promise<void>;
}

/** What a download reports: bytes so far, and of how many. */
export type Progress = (done: number, total: number) => void;

/** Times a broken connection is taken up again before giving up; progress starts the count anew. */
export const RESUMES = 5;

/** Fetches a blob into a sink, from where it stands, and takes a broken connection up again. Never more than `size` bytes. */
export async function downloadBlob(
  connection: Connection,
  blob: { digest: string; size: number; sink: DownloadSink; progress?: Progress | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const { sink, size } = blob;
  const url = new URL(connection.registry + routePath("getBlob", { digest: blob.digest }));
  for (let failures = 0; sink.offset < size || failures === 0;) {
    const begin = sink.offset;
    if (begin >= size) break;
    try {
      const headers: Record<string, string> = { "accept-encoding": "identity" };
      if (begin > 0) headers["range"] = `bytes=${begin}-`;
      const response = await fetchBytes(connection, url, { headers, signal: blob.signal ?? null });
      // A server or a proxy that ignores the range sends everything again.
      if (begin > 0 && response.status !== 206) await sink.restart();
      await drain(response, { ...blob, size, patience: connection.patience ?? PATIENCE });
      if (sink.offset < size) throw new TypeError("the connection closed early");
    } catch (cause) {
      if (isGraftError(cause)) throw cause;
      if (blob.signal?.aborted === true) throw new GraftError("CANCELLED", "The download was cancelled", { cause });
      failures = sink.offset > begin ? 1 : failures + 1;
      if (failures > RESUMES) {
        throw new GraftError(
          "REGISTRY_UNREACHABLE",
          `Cannot fetch the blob from ${url.origin}: the connection broke at byte ${sink.offset} of ${size}`,
          {
            hint: "Run the command again: it goes on from there",
            cause,
          },
        );
      }
      await pause(failures);
    }
  }
}

/** The bytes, from the registry or from where it says that they are. */
async function fetchBytes(connection: Connection, url: URL, init: Pick<RequestInit, "headers" | "signal">): Promise<Response> {
  if (connection.direct !== true) return await send(connection, url, init);
  const asked = new URL(url);
  asked.searchParams.set("direct", "1");
  const response = await send(connection, asked, { ...init, redirect: "manual", accept: [307] });
  if (response.status !== 307) return response;
  await response.body?.cancel();
  const place = new URL(response.headers.get("location") ?? "", asked);
  // The token is the registry's: another host never sees it.
  const { registry, fetch } = connection;
  return await send(place.origin === asked.origin ? connection : { registry, fetch }, place, init);
}

async function drain(
  response: Response,
  blob: { size: number; sink: DownloadSink; progress?: Progress | undefined; patience: Patience },
): Promise<void> {
  for await (const chunk of timedBody(response, blob.patience)) {
    if (blob.sink.offset + chunk.length > blob.size) {
      throw new GraftError("LIMIT_EXCEEDED", `Cannot accept the download: it is longer than the ${blob.size} bytes that were announced`, {
        hint: "Something between you and the registry sends other bytes; ask the registry without the mirror",
      });
    }
    await blob.sink.write(chunk);
    blob.progress?.(blob.sink.offset, blob.size);
  }
}
