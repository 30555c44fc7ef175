import { openBase } from "@graft/architectures/node";
import { writeFileWhole } from "@graft/files";
import { type ImportedFile, importOnnxAdapterFile, importPeftFolder } from "@graft/loader/node";
import { counted, formatBytes } from "@graft/terminal";
import { checkOutputFile, refuseExisting } from "../check-output.ts";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { VERSION } from "../version.ts";

/** `graft import`: an adapter that PEFT or ONNX Runtime's tools wrote, as Graft's. */
export const importAdapter = command({
  name: "import",
  description: "Turn a PEFT folder or a .onnx_adapter into an adapter of Graft's, bound to the exact base it is for",
  examples: [
    "graft import ./peft-adapter --base ./minilm --output adapter.safetensors",
    "graft import topics.onnx_adapter --base ./minilm --output adapter.safetensors",
    "graft import ./peft-adapter --base model.onnx --labels negative,positive --output adapter.safetensors",
  ],
  args: {
    from: {
      type: "positional",
      description: "Folder with adapter_config.json and adapter_model.safetensors, or a .onnx_adapter",
      required: true,
    },
    base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
    output: { type: "string", description: "File to write", required: true, valueHint: "file" },
    labels: {
      type: "string",
      description: "Names of the classifier's outputs, in order; by default those of the folder's or the base's config.json",
      valueHint: "a,b,…",
    },
    overwrite: { type: "boolean", description: "Replace the file if it is there" },
  },
  run: async ({ args, output }) => {
    await checkOutputFile(args.output);
    if (args.overwrite !== true) await refuseExisting(args.output);
    const base = await openBase(await locateBase(args.base));
    const importer = args.from.toLowerCase().endsWith(".onnx_adapter") ? importOnnxAdapterFile : importPeftFolder;
    const { bytes, manifest, notes, bound }: ImportedFile = await importer(args.from, {
      base,
      labels: args.labels?.split(",").map((label) => label.trim()),
      writer: { name: "graft", version: VERSION },
    });
    await writeFileWhole(args.output, bytes, { overwrite: args.overwrite === true });
    output.line(
      `Wrote ${args.output}, ${formatBytes(bytes.length)}: ${manifest.method.name} on ${counted(manifest.targets.length, "target")} of ${base.name}`,
    );
    for (const note of notes) output.line(`  ${note}`);
    if (bound !== true) output.note("The file does not say which weights it is for: this base was taken on your word");
    output.result({ file: args.output, size: bytes.length, notes, manifest });
  },
});
