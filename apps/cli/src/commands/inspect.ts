import { command } from "../command.ts";
import { inspectFile } from "../inspect/inspect-file.ts";
import { printable } from "../inspect/inspection.ts";

/** Rows of a table that a person sees without --all. */
const SHOWN = 20;

/** `graft inspect`: what is in a safetensors, ONNX or adapter file, or in a checkpoint folder. */
export const inspect = command({
  name: "inspect",
  description: "Say what is in an adapter, a safetensors or ONNX file, or a checkpoint folder",
  examples: ["graft inspect adapter.safetensors", "graft inspect model.onnx --all", "graft inspect ./minilm --json"],
  args: {
    file: { type: "positional", description: "The file or folder", required: true },
    all: { type: "boolean", description: "List every tensor or matrix" },
  },
  run: async ({ args, output }) => {
    const { kind, facts, tables, warnings, document } = await inspectFile(args.file);
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
