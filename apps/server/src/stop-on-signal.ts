import type { RunningServer } from "./start-server.ts";

/** Drains a server on SIGTERM and SIGINT; a second signal ends the process at once. */
export function stopOnSignal(server: Pick<RunningServer, "close">): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      void server.close().then(() => process.exit(0));
    });
  }
}
