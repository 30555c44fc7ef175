import { resolve } from "node:path";
import { findProjectFolder, readProject } from "@graft/client/node";
import { GraftError } from "@graft/error";
import { writeBundle } from "@graft/sdk";
import { formatBytes } from "@graft/terminal";
import { checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { downloads, PROJECT_ARGS } from "../project/open-project.ts";

/** `graft bundle`: base and adapters of an app in one folder, which needs no registry. */
export const bundle = command({
  name: "bundle",
  description: "Write this app's adapters and their base into one folder, for shipping without a registry",
  examples: [
    "graft bundle --output dist/models",
    "graft bundle --base ./minilm --output dist/models --overwrite",
    "graft bundle --base minilm --mode merge --output dist/models",
  ],
  args: {
    ...PROJECT_ARGS,
    output: { type: "string", description: "Folder to write", required: true, valueHint: "folder" },
    base: {
      type: "string",
      description: "Checkpoint folder, ONNX file, or name in the local store; the one in graft.json when left out",
      valueHint: "base",
    },
    mode: {
      type: "enum",
      description: "Adapters beside the base, or a merged graph for each, too",
      options: ["attach", "merge"],
      default: "attach",
    },
    overwrite: { type: "boolean", description: "Replace the folder if it is there" },
  },
  run: async ({ args, output, signal }) => {
    const project = (await findProjectFolder(process.cwd())) ?? process.cwd();
    await checkOutputFolder(args.output);
    const written = await writeBundle({
      project,
      base: args.base === undefined ? await ownBase(project) : await locateBase(args.base),
      output: args.output,
      mode: args.mode === "merge" ? "merge" : "attach",
      overwrite: args.overwrite === true,
      registry: args.registry,
      token: args.token,
      signal,
      progress: downloads(output),
    });
    output.progress.end();
    const { base, adapters } = written.bundle;
    output.line(`Wrote ${written.path}, ${formatBytes(written.size)}`);
    output.table([
      [`  ${base.path}`, formatBytes(base.files.reduce((sum, { size }) => sum + size, 0)), base.name],
      ...Object.entries(adapters).map(([name, { path, size, version, merged }]) => [
        `  ${path}`,
        formatBytes(size),
        `${name}@${version}${merged === undefined ? "" : `, merged in ${merged}`}`,
      ]),
    ]);
    output.result(written);
  },
});

/** The base that graft.json names, seen from there. */
async function ownBase(project: string): Promise<string> {
  const { base } = await readProject(project);
  if (base !== undefined) return resolve(project, base);
  throw new GraftError("USAGE", "Cannot write a bundle: no base is given", {
    hint: 'Pass --base, or write "base" into graft.json',
  });
}
