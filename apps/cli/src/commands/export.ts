import { openBase } from "@graft/architectures/node";
import { GraftError, restate } from "@graft/error";
import { type Adapter, openAdapter } from "@graft/format";
import { writeOnnxAdapter, writePeftFolder } from "@graft/loader/node";
import { fileSource } from "@graft/safetensors/node";
import { counted, formatBytes } from "@graft/terminal";
import { checkOutputFile, checkOutputFolder, refuseExisting } from "../check-output.ts";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import type { Output } from "../output.ts";

/** `graft export`: an adapter in the form of another tool. */
export const exportAdapter = command({
  name: "export",
  description: "Write an adapter in the form that another tool reads: PEFT, or ONNX Runtime's own adapters",
  examples: [
    "graft export adapter.safetensors --to peft --output ./peft-adapter",
    "graft export adapter.safetensors --to onnx-adapter --base ./minilm --output topics.onnx_adapter --graph minilm.onnx",
  ],
  args: {
    file: { type: "positional", description: "The adapter", required: true },
    to: { type: "enum", description: "A folder that PEFT loads, or a .onnx_adapter", options: ["peft", "onnx-adapter"], required: true },
    output: { type: "string", description: "What to write", required: true, valueHint: "folder or file" },
    base: { type: "string", description: "With onnx-adapter: the base, whose graph names the inputs", valueHint: "base" },
    graph: { type: "string", description: "With onnx-adapter: write the graph too that takes it", valueHint: "file" },
    overwrite: { type: "boolean", description: "Replace what is there" },
  },
  run: async ({ args, output }) => {
    const peft = args.to === "peft";
    if (peft && (args.base ?? args.graph) !== undefined)
      throw new GraftError("USAGE", "Cannot export to peft: --base and --graph belong to onnx-adapter", { hint: "Leave them out" });
    if (!peft && args.base === undefined)
      throw new GraftError("USAGE", "Cannot export to onnx-adapter: the names of its parameters are those of a graph's inputs", {
        hint: "Pass --base too",
      });
    await (peft ? checkOutputFolder : checkOutputFile)(args.output);
    if (args.graph !== undefined) await checkOutputFile(args.graph);
    if (!peft && args.overwrite !== true) await refuseExisting(args.output);
    const adapter = await fileSource(args.file)
      .then(openAdapter)
      .catch((cause: unknown) => {
        throw restate(cause, `export "${args.file}"`, "Pass the file that graft train wrote, or pull it again");
      });
    try {
      if (peft) await exportFolder(adapter, { folder: args.output, overwrite: args.overwrite === true, output });
      else
        await exportFile(adapter, {
          file: args.output,
          base: args.base ?? "",
          graph: args.graph,
          overwrite: args.overwrite === true,
          output,
        });
    } finally {
      await adapter.close();
    }
  },
});

async function exportFolder(
  adapter: Adapter,
  { folder, overwrite, output }: { folder: string; overwrite: boolean; output: Output },
): Promise<void> {
  const files = await writePeftFolder(adapter, folder, { overwrite });
  output.line(`Wrote ${folder}: ${files.join(", ")}`);
  output.result({ folder, files });
}

async function exportFile(
  adapter: Adapter,
  { file, base, graph, overwrite, output }: { file: string; base: string; graph: string | undefined; overwrite: boolean; output: Output },
): Promise<void> {
  const opened = await openBase(await locateBase(base));
  const written = await writeOnnxAdapter(adapter, file, { base: opened, graph, overwrite });
  output.line(`Wrote ${file}: ${counted(written.parameters.length, "parameter")}, the scale in B`);
  output.table(
    written.graph.map(({ name, bytes, how }) => [`  ${name}`, formatBytes(bytes), how === "written" ? "" : `the base's, ${how}`]),
  );
  output.result({ file, ...written, scale: "folded into B" });
}
