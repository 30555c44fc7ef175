import type { Digest } from "@graft/digest";
import type { MetadataStore } from "@graft/storage";
import type { Context } from "hono";

/** Whether an answer begins a download: the whole, or its first bytes; not what goes on where one broke off. */
export function beginsDownload(context: Context, response: Response): boolean {
  if (context.req.method !== "GET") return false;
  return response.status === 200 || (response.status === 206 && response.headers.get("content-range")?.startsWith("bytes 0-") === true);
}

/** Counts downloads in memory, and writes them from time to time. */
export interface DownloadCounter {
  count(digest: Digest): void;
  /** Writes what was counted, and stops. */
  close(): Promise<void>;
}

/** What may be set of a counter. */
export interface DownloadCounterOptions {
  /** Between two writes: what a process that is killed has counted since the last one is lost. */
  readonly seconds?: number;
  readonly clock?: () => Date;
  readonly onFault?: (cause: unknown) => void;
}

/** Digests counted between two writes; with more, the next write comes at once. */
const DIGESTS = 10_000;

/** A counter over a store: a pull costs no write, and a crash costs at most what was counted since the last write. */
export function countDownloads(
  metadata: Pick<MetadataStore, "downloads">,
  { seconds = 30, clock = () => new Date(), onFault = () => undefined }: DownloadCounterOptions = {},
): DownloadCounter {
  let counts = new Map<Digest, number>();
  let day = dayOf(clock());
  let writing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    const [taken, of] = [counts, day];
    counts = new Map();
    day = dayOf(clock());
    writing = writing.then(() => metadata.downloads.add(of, taken)).catch(onFault);
    return writing;
  };
  const timer = setInterval(() => void flush(), seconds * 1000).unref();
  return {
    count: (digest) => {
      if (counts.size >= DIGESTS || dayOf(clock()) !== day) void flush();
      counts.set(digest, (counts.get(digest) ?? 0) + 1);
    },
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
