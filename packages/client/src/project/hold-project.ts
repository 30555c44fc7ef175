import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@graft/digest";
import { isGraftError } from "@graft/error";
import { holdFolder } from "@graft/files";

/** Milliseconds between two tries, and until a project that another process changes is given up. */
const TRY_AGAIN = 25;
const PATIENCE = 120_000;

/** Runs `work` while no other process of this machine changes the project. IN_USE after two minutes, CANCELLED. */
export async function whileHolding<Result>(
  folder: string,
  options: { readonly cache: string; readonly signal?: AbortSignal | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  // In the cache, so that nothing of it lies in the app.
  const digest = await sha256(new TextEncoder().encode(await realpath(folder)));
  const guard = join(options.cache, "projects", digest.slice("sha256:".length, "sha256:".length + 16));
  const begin = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const held = await holdFolder(guard).catch((cause: unknown) => {
      if (isGraftError(cause) && cause.code === "IN_USE" && performance.now() - begin < PATIENCE) return undefined;
      throw cause;
    });
    if (held === undefined) {
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN));
      continue;
    }
    try {
      return await work();
    } finally {
      await held.release();
    }
  }
}
