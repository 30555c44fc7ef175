import { stat } from "node:fs/promises";
import { openBase, writeModel } from "@graft/architectures/node";
import { resolveTargets } from "@graft/methods";
import { matrices, quantiseModel, type QuantisedForm } from "@graft/onnx";
import { formatBytes } from "@graft/terminal";
import { checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";

/** `graft quantize`: a base whose dense layers are stored in 4 or 8 bits, to train adapters over in less memory. */
export const quantize = command({
  name: "quantize",
  description: "Write a base with its dense layers in 4 or 8 bits, unpacked in the graph: what QLoRA trains over",
  examples: [
    "graft quantize --base ./minilm --to nf4 --output ./minilm-nf4",
    "graft quantize --base model.onnx --to int8 --output ./model-int8",
  ],
  args: {
    base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
    to: { type: "enum", description: "How a weight is stored", options: ["nf4", "int4", "int8"], default: "nf4" },
    output: { type: "string", description: "Folder to write", required: true, valueHint: "folder" },
    overwrite: { type: "boolean", description: "Replace the folder if it is there" },
  },
  run: async ({ args, output, signal }) => {
    await checkOutputFolder(args.output);
    const base = await openBase(await locateBase(args.base));
    const dense = resolveTargets(
      matrices(base.model).filter(({ quantised }) => quantised !== true),
      { targets: "all-linear", family: base.family },
    );
    signal.throwIfAborted();
    const model = await quantiseModel(base, { matrices: dense, to: args.to as QuantisedForm });
    const bytes = await writeModel(args.output, { model, base, overwrite: args.overwrite === true });
    const before = (await Promise.all(base.files.map(async (file) => (await stat(file)).size))).reduce((sum, size) => sum + size, 0);
    output.line(
      `Wrote ${args.output}: ${dense.length} matrices in ${args.to}, ${formatBytes(bytes)} of weights, ${formatBytes(before)} before`,
    );
    output.result({ path: args.output, matrices: dense.length, to: args.to, bytes, before });
  },
});
