import { command } from "../command.ts";
import { openProject, PROJECT_ARGS } from "../project/open-project.ts";

/** `graft outdated`: what the registries have beside what is pinned. */
export const outdated = command({
  name: "outdated",
  description: "List adapters of this app that have a newer version",
  examples: ["graft outdated", "graft outdated --json"],
  args: PROJECT_ARGS,
  run: async ({ args, output, signal }) => {
    const found = await (await openProject(args)).outdated({ signal });
    if (found.length === 0) output.line("Every adapter is at its latest version");
    else
      output.table(
        found.map(({ name, current, wanted, latest, range }) => [name, current ?? "not installed", wanted, latest, range]),
        { head: ["adapter", "current", "wanted", "latest", "range"] },
      );
    output.result(found);
  },
});
