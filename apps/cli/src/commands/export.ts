import { restate } from "@graft/error";
import { openAdapter } from "@graft/format";
import { writePeftFolder } from "@graft/loader/node";
import { fileSource } from "@graft/safetensors/node";
import { checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";

/** `graft export`: an adapter in the form of another tool. */
export const exportAdapter = command({
  name: "export",
  description: "Write an adapter in the form that another tool reads",
  examples: ["graft export adapter.safetensors --to peft --output ./peft-adapter"],
  args: {
    file: { type: "positional", description: "The adapter", required: true },
    to: { type: "enum", description: "The form: a folder that PEFT loads", options: ["peft"], required: true },
    output: { type: "string", description: "What to write", required: true, valueHint: "folder" },
    overwrite: { type: "boolean", description: "Replace what is there" },
  },
  run: async ({ args, output }) => {
    await checkOutputFolder(args.output);
    const adapter = await fileSource(args.file)
      .then(openAdapter)
      .catch((cause: unknown) => {
        throw restate(cause, `export "${args.file}"`, "Pass the file that graft train wrote, or pull it again");
      });
    try {
      const files = await writePeftFolder(adapter, args.output, { overwrite: args.overwrite === true });
      output.line(`Wrote ${args.output}: ${files.join(", ")}`);
      output.result({ folder: args.output, files });
    } finally {
      await adapter.close();
    }
  },
});
