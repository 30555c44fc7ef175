import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileWhole } from "@graft/files";
import { trainFromFiles } from "@graft/train/node";
import { CONFIG } from "./config.ts";
import { HYPERPARAMETERS, pretrainingRows } from "./recipe.ts";
import { makeTopics } from "./topics.ts";

/** Pre-trains tiny-english from random weights and writes it to base/, with the record of its training. */
const { values } = parseArgs({ options: { steps: { type: "string" }, output: { type: "string", default: join(import.meta.dirname, "../base") } } });
const folder = values.output;
const scratch = await mkdtemp(join(tmpdir(), "tiny-english-"));
const checkpoint = join(scratch, "checkpoint");
const steps = values.steps === undefined ? {} : { steps: Number(values.steps) };
const begin = performance.now();

/** Loss over the steps of one point of the curve. */
const POINT_STEPS = 50;
const curve: { step: number; loss: number; tokensPerSecond: number }[] = [];
let losses: number[] = [];
let peakMemory = 0;
let metrics: Readonly<Record<string, number>> = {};

try {
  const events = trainFromFiles({
    ...HYPERPARAMETERS,
    ...steps,
    base: { config: CONFIG, tokenizerFile: join(import.meta.dirname, "../base/tokenizer.json") },
    task: "masked-language-modelling",
    method: { name: "full" },
    data: pretrainingRows(),
    // Glosses that are in no text the model has read.
    evaluation: makeTopics().test.map((row) => row.text),
    output: checkpoint,
    dtype: "F16",
    threads: availableParallelism(),
  });
  for await (const event of events) {
    if (event.type === "start") process.stdout.write(`${event.rows} rows, ${event.parameters.trained} parameters, ${event.steps} steps\n`);
    if (event.type === "evaluation") ({ metrics } = event);
    if (event.type !== "step") continue;
    losses.push(event.loss);
    peakMemory = event.peakMemory;
    if (event.step % POINT_STEPS !== 0 && event.step !== event.steps) continue;
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    losses = [];
    curve.push({ step: event.step, loss: Number(loss.toFixed(4)), tokensPerSecond: Math.round(event.tokensPerSecond) });
    process.stdout.write(`step ${event.step} of ${event.steps}  loss ${loss.toFixed(3)}  ${Math.round(event.tokensPerSecond)} tokens/s  ${Math.round(event.secondsLeft / 60)} min left\n`);
  }
  for (const name of ["config.json", "model.safetensors"]) await writeFileWhole(join(folder, name), await readFile(join(checkpoint, name)));
  const record = { hyperparameters: { ...HYPERPARAMETERS, ...steps }, minutes: Math.round((performance.now() - begin) / 60_000), threads: availableParallelism(), peakMemory, heldOut: metrics, curve };
  await writeFileWhole(join(folder, "training.json"), `${JSON.stringify(record, null, 1)}\n`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
