import type { Progress } from "./download.ts";

/** Bytes sent between two reports of progress. */
const CHUNK = 1 << 18;

/** A blob to upload. */
export interface Upload {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes as the body of a request, told of as they are taken: `report` gets how many are out. */
export function bodyOf(
  bytes: Uint8Array,
  { headers = {}, report }: { headers?: Readonly<Record<string, string>>; report: (sent: number) => void },
): { headers: Record<string, string>; body: ReadableStream<Uint8Array>; duplex: "half" } {
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const end = Math.min(at + CHUNK, bytes.length);
      if (end > at) controller.enqueue(bytes.subarray(at, end));
      at = end;
      report(at);
      if (at === bytes.length) controller.close();
    },
  });
  return { headers: { ...headers, "content-length": String(bytes.length) }, body, duplex: "half" };
}
