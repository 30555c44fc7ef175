import { GraftError } from "@graft/error";
import { formatBytes } from "@graft/terminal";
import { checkOutputFile, checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";
import { loadModel, MODEL_ARGS } from "../model-options.ts";
import type { LoadedModel } from "@graft/sdk";
import { collectRows, type ModelInput, type TaskName } from "@graft/train";
import { readInputs } from "@graft/train/node";

/** `graft merge`: the base with an adapter's difference in its weights, as an ordinary ONNX model. */
export const merge = command({
  name: "merge",
  description: "Write a base with an adapter merged into it, as an ONNX model of its own",
  examples: [
    "graft merge --base ./minilm --adapter adapter.safetensors --output ./minilm-topics",
    "graft merge adapter.safetensors --base model.onnx --output topics.onnx",
    "graft merge --base ./minilm --adapter @quickstart/gloss-topics@^1 --output ./minilm-topics",
  ],
  args: {
    ...MODEL_ARGS,
    file: { type: "positional", description: "The adapter, in place of --adapter", required: false },
    adapter: { ...MODEL_ARGS.adapter, required: false },
    output: {
      type: "string",
      description: "out.onnx, or a folder; the new weights and the base's as a link stand beside the graph",
      required: true,
      valueHint: "file or folder",
    },
    overwrite: { type: "boolean", description: "Replace what is there" },
    "allow-lossy": { type: "boolean", description: "Also write a merge whose rounding loses the adapter" },
    data: {
      type: "string",
      description: "Rows to compare the merge with the attached adapter on: JSONL, CSV, TSV, or a text a line",
      valueHint: "file",
    },
  },
  run: async ({ args, output, signal }) => {
    const adapter = args.adapter ?? args.file;
    if (adapter === undefined || (args.adapter !== undefined && args.file !== undefined)) {
      throw new GraftError("USAGE", `Cannot merge: ${adapter === undefined ? "no adapter is given" : "two adapters are given"}`, {
        hint: "Pass one, as in graft merge adapter.safetensors --base <base> --output out.onnx",
      });
    }
    if (/\.safetensors$/i.test(args.output)) {
      throw new GraftError("USAGE", `Cannot merge into "${args.output}": a merged model is an ONNX file with its weights beside it`, {
        hint: `Pass --output ${args.output.replace(/\.\w+$/, ".onnx")}, or a folder`,
      });
    }
    await (/\.onnx$/i.test(args.output) ? checkOutputFile : checkOutputFolder)(args.output);
    // Attached first where it can be: that runs the golden cases before anything is written.
    await using model = await loadModel({ ...args, adapter }, { mode: undefined, signal });
    signal.throwIfAborted();
    const compared = args.data === undefined ? undefined : await model.compareMerge(await rowsOf(model, args.data));
    const { path, files, rounded } = await model.write(args.output, {
      overwrite: args.overwrite === true,
      allowLossy: args["allow-lossy"] === true,
    });
    output.line(`Wrote ${path}`);
    output.table(
      files.map(({ name, bytes, how }) => [
        `  ${name}`,
        formatBytes(bytes),
        how === "written" ? "" : how === "linked" ? "the base's, linked" : "the base's, copied: another file system",
      ]),
    );
    for (const { module, stored, changed, correlation } of rounded)
      output.note(`${module} (${stored}): ${(100 * changed).toFixed(1)} % of the numbers changed, correlation ${correlation.toFixed(3)}`);
    if (compared !== undefined)
      output.line(
        `Beside the adapter attached, on ${compared.rows} rows: largest difference ${compared.largestDifference.toPrecision(3)}, mean ${compared.meanDifference.toPrecision(3)}${compared.sameLabels === undefined ? "" : `, ${(100 * compared.sameLabels).toFixed(1)} % the same labels`}`,
      );
    output.result({ path, files, adapter: model.adapters[0]?.digest, fit: model.adapters[0]?.fit, rounded, compared });
  },
});

async function rowsOf(model: LoadedModel, data: string): Promise<ModelInput[]> {
  return collectRows(await readInputs({ task: (model.adapters[0]?.manifest.task.type ?? "text-classification") as TaskName, data }));
}
