import { command } from "../command.ts";
import { deprecations, downloads, openProject, PROJECT_ARGS } from "../project/open-project.ts";
import { reportChange } from "../project/report-change.ts";

/** `graft update`: the newest versions that the ranges of an app take. */
export const update = command({
  name: "update",
  description: "Pin the newest versions that the ranges in graft.json take",
  examples: ["graft update", "graft update @acme/topics"],
  args: {
    ...PROJECT_ARGS,
    adapter: { type: "positional", description: "@scope/name; all when left out", required: false },
  },
  repeats: true,
  run: async ({ args, words, output, signal }) => {
    const project = await openProject(args);
    reportChange(output, await project.update(words, { signal, progress: downloads(output), deprecated: deprecations(output) }));
  },
});
