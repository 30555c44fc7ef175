import { trainFromFiles } from "@graft/train/node";
import { checkOutputFile, checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { CHECKPOINT_ARGS, keepsCheckpoints, withResumption } from "../train/checkpoint-options.ts";
import { DATA_ARGS } from "../train/data-options.ts";
import { LOOP_ARGS } from "../train/loop-options.ts";
import { METHOD_ARGS } from "../train/method-options.ts";
import { RECIPE_ARGS } from "../train/recipe-options.ts";
import { TrainReporter } from "../train/reporter.ts";
import { TASK_ARGS } from "../train/task-options.ts";
import { trainOptions } from "../train/train-options.ts";

/** `graft train`: an adapter from a base and rows. */
export const train = command({
  name: "train",
  description: "Train an adapter for a base",
  examples: [
    "graft train --base ./minilm --data train.jsonl --eval test.jsonl --output adapter.safetensors",
    "graft train --base ./minilm --data rows.csv --method lora --rank 16 --targets query,key,value --epochs 5",
    "graft train --base ./minilm --data train.jsonl --output adapter.safetensors --checkpoint run --checkpoint-every 100",
    "graft train --base ./roberta-base --data glue/SST-2 --recipe roberta-base/sst2 --epochs 3",
  ],
  args: {
    base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
    output: { type: "string", description: "File to write", default: "adapter.safetensors", valueHint: "file" },
    ...DATA_ARGS,
    ...TASK_ARGS,
    ...METHOD_ARGS,
    ...LOOP_ARGS,
    ...CHECKPOINT_ARGS,
    ...RECIPE_ARGS,
  },
  drains: keepsCheckpoints,
  run: async ({ args, given, output, signal }) => {
    const options = await trainOptions(args, { given, output });
    await (options.method.name === "full" ? checkOutputFolder(args.output) : checkOutputFile(args.output));
    const reporter = new TrainReporter(output);
    try {
      for await (const event of trainFromFiles({ ...options, base: await locateBase(args.base), output: args.output, signal }))
        reporter.tell(event);
    } catch (error) {
      output.progress.end();
      throw withResumption(error, args);
    }
    output.line(`Wrote ${args.output}`);
    output.result({ output: args.output, ...reporter.summary() });
  },
});
