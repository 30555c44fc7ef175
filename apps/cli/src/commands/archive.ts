import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Archive, exportArchive, importArchive } from "@graft/server";
import { formatBytes } from "@graft/terminal";
import { checkOutputFile } from "../check-output.ts";
import { command, commandGroup } from "../command.ts";
import type { Output } from "../output.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

const exportCommand = command({
  name: "archive export",
  description: "Write adapters with all their proofs into one file, for a place without a network",
  examples: [
    "graft archive export @acme/topics@^1 --output topics.graft",
    "graft archive export @acme/topics,@acme/spam@2.0.0 --output both.graft",
  ],
  args: {
    ...REGISTRY_ARGS,
    adapters: { type: "positional", description: "@scope/name@range, several separated by commas", required: true },
    output: { type: "string", description: "File to write", required: true, valueHint: "file" },
  },
  run: async ({ args, output }) => {
    await checkOutputFile(args.output);
    const specifiers = args.adapters.split(",").map((specifier) => specifier.trim());
    const { registry } = await openClient(args, specifiers[0]);
    const folder = await mkdtemp(join(tmpdir(), "graft-archive-"));
    try {
      print(
        output,
        await exportArchive(args.output, { registry: registry.connection.registry, specifiers, folder }),
        `Wrote ${args.output}`,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

const importCommand = command({
  name: "archive import",
  description: "Check an archive and take it into the folder of a mirror, which then needs no network",
  examples: ["graft archive import topics.graft --data ./mirror"],
  args: {
    file: { type: "positional", description: "The archive", required: true },
    data: { type: "string", description: "Folder of the mirror", required: true, valueHint: "folder" },
  },
  run: async ({ args, output }) => {
    print(output, await importArchive(args.file, { data: args.data }), `Took in ${args.file}`);
    output.note(`Serve it: graft serve --upstream <the registry's address> --data ${args.data}; clients accept its age with --max-age`);
  },
});

function print(output: Output, archive: Archive, done: string): void {
  output.line(`${done}, as of ${archive.signedAt}`);
  output.table(archive.adapters.map(({ name, version, wanted, size }) => [`  ${name}@${wanted}`, version, formatBytes(size)]));
  output.result(archive);
}

/** `graft archive`: adapters carried into a place without a network. */
export const archive = commandGroup({
  name: "archive",
  description: "Carry adapters into a place without a network",
  commands: { export: exportCommand, import: importCommand },
});
