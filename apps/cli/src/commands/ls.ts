import { formatBytes } from "@graft/terminal";
import { command } from "../command.ts";
import { openProject } from "../project/open-project.ts";

/** `graft ls`: what an app's lock pins. */
export const list = command({
  name: "ls",
  description: "List the adapters of this app and what they are pinned to",
  examples: ["graft ls", "graft ls --json"],
  args: {},
  run: async ({ output }) => {
    const adapters = await (await openProject({})).list();
    if (adapters.length === 0) output.line("None yet: graft add @scope/name");
    else
      output.table(
        adapters.map(({ name, version, range, size, path, registry, base }) => [
          `${name}@${version}`,
          range,
          formatBytes(size),
          path === undefined ? "to be fetched" : "in the cache",
          base.slice(0, "sha256:".length + 12),
          registry,
        ]),
        { head: ["adapter", "range", "size", "state", "base", "registry"] },
      );
    output.result(adapters);
  },
});
