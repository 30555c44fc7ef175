import type { ProjectChange } from "@graft/client/node";
import type { Output } from "../output.ts";

/** Prints what a change of an app did. */
export function reportChange(output: Output, { adapters, changes }: ProjectChange): void {
  output.progress.end();
  for (const { name, from, to } of changes) {
    if (from === undefined) output.line(`+ ${name}@${to}`);
    else output.line(to === undefined ? `- ${name}@${from}` : `  ${name} ${from === to ? `${from}, other bytes` : `${from} → ${to}`}`);
  }
  const fetched = adapters.filter(({ cached }) => !cached).length;
  const number = adapters.length === 1 ? "1 adapter" : `${adapters.length} adapters`;
  output.line(
    `${number}: ${fetched} fetched, ${adapters.length - fetched} from the cache${changes.length === 0 ? "; the lock is as it was" : ""}`,
  );
  output.result({ adapters, changes });
}
