import { readFile } from "node:fs/promises";
import { prepareVersion, readManifest, type TargetDelta } from "@graft/format";
import { GraftError, restate } from "@graft/error";
import { fileError } from "@graft/files";
import { accessArgument } from "../access-argument.ts";
import { command } from "../command.ts";
import { counted, formatBytes } from "@graft/terminal";
import type { Output } from "../output.ts";
import { readAttachments } from "../publish/attached-files.ts";
import { checkVersion } from "../publish/check-version.ts";
import { readSigningKey } from "./key.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { transferProgress } from "../transfer-progress.ts";

/** `graft publish`: writes the name and version into a copy of an adapter and makes it a version of a registry. */
export const publish = command({
  name: "publish",
  description: "Publish an adapter under a name and version, for ever",
  examples: [
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0",
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0 --access private",
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0 --readme README.md --evaluation results.json",
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0 --dry-run",
    "graft publish adapter.safetensors --name @acme/topics --version 1.0.0 --staged",
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
    readme: {
      type: "string",
      description: "Its page, in Markdown; the README.md beside the file when left out, none when empty",
      valueHint: "file",
    },
    evaluation: { type: "string", description: "Results, as graft eval --json prints them", valueHint: "file" },
    tag: { type: "string", description: "Tag to move; latest when left out", valueHint: "tag" },
    access: { type: "string", description: "Who may read a new adapter: public or private; public when left out", valueHint: "who" },
    staged: { type: "boolean", description: "Upload and check, and wait for graft approve" },
    "sign-key": { type: "string", description: "File of your own key to sign with too (graft key create)", valueHint: "file" },
    "dry-run": { type: "boolean", description: "Check everything and send nothing" },
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
        hint: "Pass --name @scope/name and --version 1.0.0, or write them into the file: graft version patch --name @scope/name",
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
    const files = await readAttachments(args.file, { ...args, adapters: [file, prepared.bytes] });
    const access = args.access === undefined ? undefined : accessArgument(args.access);
    const sizes = files.map(({ path, bytes }) => ({ path, size: bytes.length }));
    if (args["dry-run"] === true) {
      const { deltas, skipped } = await checkVersion(prepared, args);
      const { manifest, bytes } = prepared;
      output.line(
        `Would publish ${name}@${version}: ${formatBytes(bytes.length)}, ${counted(manifest.targets.length, "target")}, base "${manifest.base.name}"`,
      );
      output.table([
        ["  adapter.safetensors", formatBytes(bytes.length)],
        ...sizes.map(({ path, size }) => [`  ${path}`, formatBytes(size)]),
      ]);
      printDeltas(output, deltas);
      for (const why of skipped) output.line(`  Note: ${why}`);
      output.result({ status: "dry-run", name, version, size: bytes.length, files: sizes, deltas, skipped, manifest });
      return;
    }
    const author = args["sign-key"] === undefined ? undefined : await readSigningKey(args["sign-key"]);
    const client = await openClient(args, name);
    const made = { ...prepared, tag: args.tag, access, files, author };
    const transfer = { signal, progress: transferProgress(output, "Publishing") };
    if (args.staged === true) {
      const { staged, deltas } = await client.stage(made, transfer);
      output.progress.end();
      output.line(`Staged ${name}@${version}; publish it with: graft approve ${name}@${version}`);
      output.line(`  ${staged.digest}  ${formatBytes(staged.size)}`);
      printDeltas(output, deltas);
      output.result({ status: "staged", name, version, digest: staged.digest, size: staged.size, files: sizes, deltas });
      return;
    }
    const { status, version: record, deltas = [] } = await client.publish(made, transfer);
    output.progress.end();
    output.line(status === "exists" ? `${name}@${version} is already published with these bytes` : `Published ${name}@${version}`);
    output.line(`  ${record.digest}  ${formatBytes(record.size)}`);
    printDeltas(output, deltas);
    output.result({ status, name, version, digest: record.digest, size: record.size, tags: record.tags, files: record.files, deltas });
  },
});

/** The smallest and the largest delta beside their matrices. */
function printDeltas(output: Output, deltas: readonly TargetDelta[]): void {
  const sorted = deltas.toSorted((left, right) => left.ratio - right.ratio);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return;
  const percent = ({ ratio, isExact }: TargetDelta): string => `${isExact ? "" : "about "}${(ratio * 100).toPrecision(3)} %`;
  output.line(`  deltas from ${percent(least)} (${least.module}) to ${percent(most)} (${most.module}) of their matrices' norms`);
}
