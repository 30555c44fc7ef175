import { readFile } from "node:fs/promises";
import { prepareVersion, readManifest } from "@graft/format";
import { Access } from "@graft/protocol";
import { GraftError, restate } from "@graft/error";
import { fileError } from "@graft/files";
import { command } from "../command.ts";
import { counted, formatBytes } from "@graft/terminal";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { transferProgress } from "../transfer-progress.ts";

/** `graft publish`: writes the name and version into a copy of an adapter and makes it a version of a registry. */
export const publish = command({
  name: "publish",
  description: "Publish an adapter under a name and version, for ever",
  examples: [
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0",
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0 --access private",
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0 --dry-run",
  ],
  args: {
    ...REGISTRY_ARGS,
    file: { type: "positional", description: "The adapter, as graft train wrote it", required: true },
    name: { type: "string", description: "@scope/name; the one in the file when left out", valueHint: "name" },
    version: { type: "string", description: "Semantic version; the one in the file when left out", valueHint: "version" },
    description: { type: "string", description: "One sentence that people find it by", valueHint: "text" },
    license: { type: "string", description: "SPDX identifier of the licence", valueHint: "id" },
    keywords: { type: "string", description: "Words to find it by, separated by commas", valueHint: "words" },
    languages: {
      type: "string",
      description: "Languages that it knows, as tags such as en or pt-BR, separated by commas",
      valueHint: "tags",
    },
    tag: { type: "string", description: "Tag to move; latest when left out", valueHint: "tag" },
    access: { type: "string", description: "Who may read a new adapter: public or private; public when left out", valueHint: "who" },
    "dry-run": { type: "boolean", description: "Check everything here and send nothing" },
  },
  run: async ({ args, output, signal }) => {
    const file = await readFile(args.file).catch((cause: unknown) => {
      throw fileError(cause, `read "${args.file}"`);
    });
    const said = await readManifest(file).catch((cause: unknown) => {
      throw restate(cause, `publish "${args.file}"`, "Pass the file that graft train wrote");
    });
    const [name, version] = [args.name ?? said.name, args.version ?? said.version];
    if (name === undefined || version === undefined) {
      throw new GraftError("USAGE", "Cannot publish: the adapter has no name or version yet", {
        hint: "Pass --name @scope/name and --version 1.0.0",
      });
    }
    const prepared = await prepareVersion(file, {
      name,
      version,
      description: args.description,
      license: args.license,
      keywords: args.keywords?.split(",").map((word) => word.trim()),
      languages: args.languages?.split(",").map((tag) => tag.trim()),
    });
    if (args["dry-run"] === true) {
      output.line(
        `Would publish ${name}@${version}: ${formatBytes(prepared.bytes.length)}, ${counted(prepared.manifest.targets.length, "target")}, base "${prepared.manifest.base.name}"`,
      );
      output.result({ status: "dry-run", name, version, size: prepared.bytes.length, manifest: prepared.manifest });
      return;
    }
    const client = await openClient(args, name);
    const { status, version: record } = await client.publish(
      { ...prepared, tag: args.tag, access: accessArgument(args.access) },
      { signal, progress: transferProgress(output, "Publishing") },
    );
    output.progress.end();
    output.line(status === "exists" ? `${name}@${version} is already published with these bytes` : `Published ${name}@${version}`);
    output.line(`  ${record.digest}  ${formatBytes(record.size)}`);
    output.result({ status, name, version, digest: record.digest, size: record.size, tags: record.tags });
  },
});

function accessArgument(value: string | undefined): Access | undefined {
  if (value === undefined) return undefined;
  const parsed = Access.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GraftError("USAGE", `Cannot read --access "${value}": want ${Access.options.join(" or ")}`);
}
