import { command } from "../command.ts";
import { deprecations, downloads, openProject, PROJECT_ARGS } from "../project/open-project.ts";
import { reportChange } from "../project/report-change.ts";

/** `graft install`: the adapters of an app, exactly as they are pinned. */
export const install = command({
  name: "install",
  description: "Fetch what this app's lock pins; nobody is asked for what the cache has",
  examples: ["graft install", "graft install --frozen"],
  args: {
    ...PROJECT_ARGS,
    frozen: { type: "boolean", description: "Fail where the lock would have to change: for continuous integration" },
  },
  run: async ({ args, output, signal }) => {
    const project = await openProject(args);
    reportChange(
      output,
      await project.install({ signal, progress: downloads(output), deprecated: deprecations(output), frozen: args.frozen === true }),
    );
  },
});
