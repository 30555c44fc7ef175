import type { Base } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { type MethodOptions, planAdapter } from "@graft/methods";
import { encodeModel } from "@graft/onnx";
import { floatValue, intValue } from "@graft/runtime";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import { buildEvaluation, PASSES, type PassName, train } from "@graft/train";
import type { StepOptions } from "../measure-step.ts";
import { peakMemory } from "./this-process.ts";

const given = JSON.parse(process.argv[2] ?? "{}") as StepOptions & { checkpoint: string; threads: number };
const LABELS = ["a", "b", "c", "d", "e", "f"];
/** Words of one token each. */
const WORDS = "bird city shoes small yellow coast house river tree stone wind fire water light".split(" ");

const base = await openBase(given.checkpoint);
const method: MethodOptions =
  given.kind === "full" ? { name: "full" } : { name: "lora", rank: given.rank, alpha: 16, targets: ["query", "value"] };
const milliseconds = given.kind === "forward" ? await forwards(base) : await steps(base);
process.stdout.write(`${JSON.stringify({ milliseconds, peak: peakMemory() })}\n`);
// The sessions' threads need not be waited for.
process.exit();

/** Steps as `train` makes them, events included. */
async function steps(opened: Base): Promise<number[]> {
  const { tokenizer } = await loadTokenizer(opened.tokenizerFile ?? "");
  const word = (row: number, place: number): string => WORDS[(row * 7 + place * 3) % WORDS.length] ?? "";
  const rows = Array.from({ length: given.rows * (given.warmup + given.steps) }, (_, row) => ({
    text: Array.from({ length: given.length }, (__, place) => word(row, place)).join(" "),
    label: LABELS[row % LABELS.length] ?? "",
  }));
  const events = train({
    base: opened,
    tokenizer,
    openSession,
    method,
    task: { type: "text-classification", rows },
    epochs: 1,
    batchSize: given.rows,
    maxLength: given.length,
    threads: given.threads,
    ...(given.microBatch === undefined ? {} : { microBatchSize: given.microBatch }),
    ...(given.without === undefined ? {} : { without: given.without.filter((name): name is PassName => Object.hasOwn(PASSES, name)) }),
  });
  const times: number[] = [];
  let begin = performance.now();
  for await (const event of events) {
    if (event.type === "step" && event.step > given.warmup) times.push(performance.now() - begin);
    if (event.type === "step" && event.step === event.steps) break;
    begin = performance.now();
  }
  return times;
}

/** The forward pass with its loss, without gradients. */
async function forwards(opened: Base): Promise<number[]> {
  const plan = planAdapter(opened, { method, task: { type: "text-classification", labels: LABELS } });
  const state = Object.fromEntries(
    plan.trainables.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))]),
  );
  const session = await openSession(encodeModel(buildEvaluation({ base: opened, plan })), {
    folder: opened.folder,
    threads: given.threads,
    memoryPattern: false,
    state,
  });
  const dims = [given.rows, given.length];
  const count = given.rows * given.length;
  const feeds = {
    input_ids: intValue(
      dims,
      Array.from({ length: count }, (_, index) => 1000 + ((index * 37) % 19000)),
    ),
    attention_mask: intValue(dims, new BigInt64Array(count).fill(1n)),
    token_type_ids: intValue(dims, new BigInt64Array(count)),
    labels: intValue([given.rows], new BigInt64Array(given.rows)),
  };
  const times: number[] = [];
  for (let index = 0; index < given.warmup + given.steps; index++) {
    const begin = performance.now();
    await session.run(feeds, { fetches: ["loss"] });
    if (index >= given.warmup) times.push(performance.now() - begin);
  }
  return times;
}
