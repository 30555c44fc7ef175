import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileWhole } from "@graft/files";
import { trainFromFiles } from "@graft/train/node";
import { CONFIG } from "./config.ts";
import { HYPERPARAMETERS, pretrainingRows, ROUNDS, type Round } from "./recipe.ts";
import { makeTopics } from "./topics.ts";

/** Pre-trains tiny-english from random weights, round after round, and writes it with the record of its training. */
const { values } = parseArgs({
  options: {
    /** Stops each round early; for a trial. */
    steps: { type: "string" },
    /** Goes on with this round, from the checkpoint that the round before it wrote to the output folder. */
    round: { type: "string", default: "1" },
    output: { type: "string", default: join(import.meta.dirname, "../tiny-english") },
  },
});
const folder = values.output;
const tokenizerFile = join(import.meta.dirname, "../tiny-english/tokenizer.json");
const steps = values.steps === undefined ? {} : { steps: Number(values.steps) };
const first = Number(values.round) - 1;

/** Loss over the steps of one point of the curve. */
const POINT_STEPS = 50;

/** What is kept of a round. */
interface RoundRecord extends Round {
  readonly minutes: number;
  readonly threads: number;
  readonly peakMemory: number;
  /** Loss and accuracy on glosses that are in no text the model has read. */
  readonly heldOut: Readonly<Record<string, number>>;
  readonly curve: readonly { readonly step: number; readonly loss: number; readonly tokensPerSecond: number }[];
}

async function runRound(round: Round, output: string, fromRandom: boolean): Promise<RoundRecord> {
  const begin = performance.now();
  const { copies, ...settings } = round;
  const curve: RoundRecord["curve"][number][] = [];
  let losses: number[] = [];
  let peakMemory = 0;
  let heldOut: Readonly<Record<string, number>> = {};
  const events = trainFromFiles({
    ...HYPERPARAMETERS,
    ...settings,
    ...steps,
    base: fromRandom ? { config: CONFIG, tokenizerFile } : folder,
    task: "masked-language-modelling",
    method: { name: "full" },
    data: pretrainingRows({ copies, seed: round.seed }),
    evaluation: makeTopics().test.map((row) => row.text),
    output,
    dtype: "F16",
    threads: availableParallelism(),
  });
  for await (const event of events) {
    if (event.type === "start") process.stdout.write(`${event.rows} rows, ${event.parameters.trained} parameters, ${event.steps} steps\n`);
    if (event.type === "evaluation") heldOut = event.metrics;
    if (event.type !== "step") continue;
    losses.push(event.loss);
    peakMemory = event.peakMemory;
    if (event.step % POINT_STEPS !== 0 && event.step !== event.steps) continue;
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    losses = [];
    curve.push({ step: event.step, loss: Number(loss.toFixed(4)), tokensPerSecond: Math.round(event.tokensPerSecond) });
    process.stdout.write(
      `step ${event.step} of ${event.steps}  loss ${loss.toFixed(3)}  ${Math.round(event.tokensPerSecond)} tokens/s  ${Math.round(event.secondsLeft / 60)} min left\n`,
    );
  }
  return {
    ...round,
    minutes: Math.round((performance.now() - begin) / 60_000),
    threads: availableParallelism(),
    peakMemory,
    heldOut,
    curve,
  };
}

const scratch = await mkdtemp(join(tmpdir(), "tiny-english-"));
try {
  const record = join(folder, "training.json");
  const rounds = first === 0 ? [] : (JSON.parse(await readFile(record, "utf8")) as { rounds: RoundRecord[] }).rounds.slice(0, first);
  for (const [index, round] of ROUNDS.entries()) {
    if (index < first) continue;
    const checkpoint = join(scratch, String(index));
    rounds.push(await runRound(round, checkpoint, index === 0));
    for (const name of ["config.json", "model.safetensors"])
      await writeFileWhole(join(folder, name), await readFile(join(checkpoint, name)));
    await writeFileWhole(record, `${JSON.stringify({ hyperparameters: HYPERPARAMETERS, rounds }, null, 1)}\n`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
