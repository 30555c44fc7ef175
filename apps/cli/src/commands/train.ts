import { RunRecorder } from "@graft/train";
import { trainFromFiles } from "@graft/train/node";
import { checkOutputFile, checkOutputFolder } from "../check-output.ts";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { BASE_ARGS } from "../train/base-argument.ts";
import { CHECKPOINT_ARGS, keepsCheckpoints, withResumption } from "../train/checkpoint-options.ts";
import { DATA_ARGS } from "../train/data-options.ts";
import { LOOP_ARGS } from "../train/loop-options.ts";
import { METHOD_ARGS } from "../train/method-options.ts";
import { RECIPE_ARGS } from "../train/recipe-options.ts";
import { checkReport, REPORT_ARGS, SAMPLES, writeReport } from "../train/report-options.ts";
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
  groups: {
    Data: DATA_ARGS,
    Task: TASK_ARGS,
    Method: METHOD_ARGS,
    Training: { ...RECIPE_ARGS, ...LOOP_ARGS },
    Checkpoints: CHECKPOINT_ARGS,
    Report: REPORT_ARGS,
  },
  args: {
    ...BASE_ARGS,
    output: { type: "string", description: "File to write", default: "adapter.safetensors", valueHint: "file" },
    ...DATA_ARGS,
    ...TASK_ARGS,
    ...METHOD_ARGS,
    ...LOOP_ARGS,
    ...CHECKPOINT_ARGS,
    ...RECIPE_ARGS,
    ...REPORT_ARGS,
  },
  drains: keepsCheckpoints,
  run: async ({ args, given, output, signal }) => {
    const options = await trainOptions(args, { given, output });
    // Pre-training gives a checkpoint folder, all else a file.
    const pretrains = options.method.name === "full" && options.task === "masked-language-modelling";
    await (pretrains ? checkOutputFolder : checkOutputFile)(args.output);
    await checkReport(args);
    const reporter = new TrainReporter(output, {
      progress: args.progress,
      longest: given.has("max-length") || args.recipe !== undefined ? options.maxLength : undefined,
    });
    const record = new RunRecorder();
    const samples = args.report === undefined ? {} : { samples: SAMPLES };
    try {
      for await (const event of trainFromFiles({
        ...options,
        ...samples,
        base: await locateBase(args.base),
        output: args.output,
        signal,
      })) {
        record.tell(event);
        reporter.tell(event);
      }
    } catch (error) {
      output.progress.end();
      throw withResumption(error, args);
    } finally {
      // Also of a run that failed: the curves show why.
      const settings = { base: args.base, data: args.data, task: args.task, method: JSON.stringify(options.method) };
      if (record.start !== undefined) await writeReport(args, { record, base: args.base, output: args.output, settings });
    }
    output.line(`Wrote ${args.output}`);
    output.result({ output: args.output, ...reporter.summary() });
  },
});
