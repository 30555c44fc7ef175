import { GraftError } from "@graft/error";
import { writeFileWhole } from "@graft/files";
import { checkOutputFile } from "../check-output.ts";
import { command } from "../command.ts";
import { inspectFile } from "../inspect/inspect-file.ts";
import { inspectSpectrum } from "../inspect/inspect-spectrum.ts";
import { printable } from "../inspect/inspection.ts";

/** Rows of a table that a person sees without --all. */
const SHOWN = 20;

/** `graft inspect`: what is in a safetensors, ONNX or adapter file, or in a checkpoint folder. */
export const inspect = command({
  name: "inspect",
  description: "Say what is in an adapter, a safetensors or ONNX file, or a checkpoint folder",
  examples: [
    "graft inspect adapter.safetensors",
    "graft inspect model.onnx --all",
    "graft inspect ./minilm --json",
    "graft inspect --spectrum adapter.safetensors --base ./minilm --against other-seed.safetensors --picture spectrum.svg",
  ],
  args: {
    file: { type: "positional", description: "The file or folder", required: true },
    all: { type: "boolean", description: "List every tensor or matrix" },
    spectrum: {
      type: "boolean",
      description: "Say what the adapter learned: singular values of each delta, and how much of its rank is used",
    },
    base: { type: "string", description: "With --spectrum: compare with the base's own matrices", valueHint: "base" },
    against: { type: "string", description: "With --spectrum: another adapter, to compare directions with", valueHint: "file" },
    picture: { type: "string", description: "With --spectrum: draw it to an SVG file", valueHint: "file" },
  },
  run: async ({ args, output }) => {
    if (args.spectrum !== true && [args.base, args.against, args.picture].some((value) => value !== undefined))
      throw new GraftError("USAGE", "Cannot inspect: --base, --against and --picture belong to --spectrum", {
        hint: "Pass --spectrum too",
      });
    if (args.picture !== undefined) await checkOutputFile(args.picture);
    const inspection = args.spectrum === true ? await inspectSpectrum(args.file, args) : await inspectFile(args.file);
    const { kind, facts, tables, warnings, document, picture } = inspection;
    if (args.picture !== undefined && picture !== undefined) await writeFileWhole(args.picture, picture);
    output.line(`${printable(args.file)}: ${kind}`);
    output.table(facts.map(([name, value]) => [`  ${name}`, value]));
    for (const { head, rows } of tables) {
      if (rows.length === 0) continue;
      const shown = args.all === true ? rows : rows.slice(0, SHOWN);
      output.line();
      output.table(shown, { head });
      if (shown.length < rows.length) output.line(`… and ${rows.length - shown.length} more: pass --all`);
    }
    if (warnings.length > 0) output.line();
    for (const { rule, message } of warnings) output.line(`warning: ${printable(message)} [${rule}]`);
    output.result({ kind, file: args.file, ...document, warnings });
  },
});
