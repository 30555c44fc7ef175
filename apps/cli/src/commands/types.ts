import { writeTypes } from "@graft/sdk";
import { command } from "../command.ts";
import { downloads, openProject, PROJECT_ARGS } from "../project/open-project.ts";

/** `graft types`: what `import topics from "graft:@acme/topics"` gives, for TypeScript. */
export const types = command({
  name: "types",
  description: 'Write graft-env.d.ts: the types of "graft:" modules, each adapter with its labels',
  examples: ["graft types"],
  args: PROJECT_ARGS,
  run: async ({ args, output, signal }) => {
    const { folder } = await openProject(args);
    const path = await writeTypes(folder, { registry: args.registry, token: args.token, signal, progress: downloads(output) });
    output.progress.end();
    output.line(`Wrote ${path}`);
    output.result({ path });
  },
});
