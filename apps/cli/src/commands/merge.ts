import { GraftError } from "@graft/error";
import { formatBytes } from "@graft/terminal";
import { checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";
import { loadModel, MODEL_ARGS } from "../model-options.ts";

/** `graft merge`: the base with an adapter's difference in its weights, as an ordinary ONNX model. */
export const merge = command({
  name: "merge",
  description: "Write a base with an adapter merged into it, as an ONNX model of its own",
  examples: [
    "graft merge --base ./minilm --adapter adapter.safetensors --output ./minilm-topics",
    "graft merge --base ./minilm --adapter @quickstart/gloss-topics@^1 --output ./minilm-topics",
  ],
  args: {
    ...MODEL_ARGS,
    output: {
      type: "string",
      description: "Folder to write: model.onnx, the new weights, and the base's weights as a link",
      required: true,
      valueHint: "folder",
    },
    overwrite: { type: "boolean", description: "Replace the folder if it is there" },
  },
  run: async ({ args, output, signal }) => {
    if (/\.(onnx|safetensors)$/i.test(args.output)) {
      throw new GraftError("USAGE", `Cannot merge into "${args.output}": a merged model is a folder of files`, {
        hint: `Pass a folder, such as --output ${args.output.replace(/\.\w+$/, "")}`,
      });
    }
    await checkOutputFolder(args.output);
    // Attached first: that runs the golden cases before anything is written.
    await using model = await loadModel(args, { mode: "attach", signal });
    signal.throwIfAborted();
    const { path, files } = await model.write(args.output, { overwrite: args.overwrite === true });
    output.line(`Wrote ${path}`);
    output.table(
      files.map(({ name, bytes, how }) => [
        `  ${name}`,
        formatBytes(bytes),
        how === "written" ? "" : how === "linked" ? "the base's, linked" : "the base's, copied: another file system",
      ]),
    );
    output.result({ path, files, adapter: model.adapters[0]?.digest, fit: model.adapters[0]?.fit });
  },
});
