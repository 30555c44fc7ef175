import { isGraftError } from "@graft/error";
import { BlobStored, DirectUpload, routePath } from "@graft/protocol";
import { RESUMES } from "./download.ts";
import { type Connection, pause, request, send } from "./http.ts";
import { bodyOf, type Upload } from "./upload-body.ts";

/** Parts that are under way at once. */
const PARALLEL = 4;

/** Sends the parts that are not there yet straight into the registry's store, then has them joined and read. */
export async function uploadDirect(connection: Connection, blob: Upload): Promise<"stored" | "exists"> {
  const { digest, bytes, signal } = blob;
  const { parts } = await request(connection, "POST", {
    path: routePath("beginUpload", { digest }),
    schema: DirectUpload,
    body: { size: bytes.length },
    signal,
  });
  const sent = new Map(parts.map(({ number, size, address }) => [number, address === undefined ? size : 0]));
  const report = (): void =>
    blob.progress?.(
      [...sent.values()].reduce((sum, size) => sum + size, 0),
      bytes.length,
    );
  const waiting = parts.filter(({ address }) => address !== undefined);
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const workers = Array.from({ length: PARALLEL }, async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { number, offset, size, address = "" } = part;
      const told = (count: number): void => {
        sent.set(number, count);
        report();
      };
      await sendPart(connection, address, { bytes: bytes.subarray(offset, offset + size), report: told, signal: stop });
    }
  });
  try {
    await Promise.all(workers);
  } catch (cause) {
    failed.abort();
    await Promise.allSettled(workers);
    throw cause;
  }
  return (await request(connection, "POST", { path: routePath("finishUpload", { digest }), schema: BlobStored, signal })).status;
}

/** The address is the permission: the token stays with the registry. A part whose connection breaks is sent again. */
async function sendPart(
  { registry, fetch }: Connection,
  address: string,
  { bytes, report, signal }: { bytes: Uint8Array; report: (sent: number) => void; signal: AbortSignal },
): Promise<void> {
  for (let failures = 0; ;) {
    try {
      const response = await send({ registry, fetch }, new URL(address), { method: "PUT", ...bodyOf(bytes, { report }), signal });
      await response.body?.cancel();
      return;
    } catch (cause) {
      if (!(isGraftError(cause) && cause.code === "REGISTRY_UNREACHABLE") || failures === RESUMES || signal.aborted) throw cause;
      failures += 1;
      await pause(failures);
    }
  }
}
