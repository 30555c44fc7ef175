import { command } from "../command.ts";
import { deprecations, downloads, openProject, PROJECT_ARGS } from "../project/open-project.ts";
import { reportChange } from "../project/report-change.ts";

/** `graft add`: adapters that an app uses, from now on. */
export const add = command({
  name: "add",
  description: "Add adapters to this app: graft.json asks for them, graft-lock.json pins them",
  examples: ["graft add @acme/topics", "graft add @acme/topics@^1 @acme/toxicity@2.1.0", "graft add @acme/topics --exact"],
  args: {
    ...PROJECT_ARGS,
    adapter: { type: "positional", description: "@scope/name, or with a range or a tag: @scope/name@^1", required: true },
    exact: { type: "boolean", description: "Ask for this version alone, not for ^ of it" },
  },
  repeats: true,
  run: async ({ args, words, output, signal }) => {
    const project = await openProject(args);
    reportChange(
      output,
      await project.add(words, { signal, progress: downloads(output), deprecated: deprecations(output), exact: args.exact === true }),
    );
  },
});
