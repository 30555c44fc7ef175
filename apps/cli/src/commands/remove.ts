import { command } from "../command.ts";
import { downloads, openProject, PROJECT_ARGS } from "../project/open-project.ts";
import { reportChange } from "../project/report-change.ts";

/** `graft remove`: adapters that an app no longer uses. */
export const remove = command({
  name: "remove",
  description: "Remove adapters from this app; their bytes stay in the cache",
  examples: ["graft remove @acme/topics", "graft remove @acme/topics @acme/toxicity"],
  args: { ...PROJECT_ARGS, adapter: { type: "positional", description: "@scope/name", required: true } },
  repeats: true,
  run: async ({ args, words, output, signal }) => {
    const project = await openProject(args);
    reportChange(output, await project.remove(words, { signal, progress: downloads(output) }));
  },
});
