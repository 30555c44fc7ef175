import { openBase } from "@graft/architectures/node";
import { planAdapter } from "@graft/methods";
import { openSession } from "@graft/runtime/node";
import { buildStep, DEFAULTS, OPTIMISERS } from "@graft/train";
import { floatValue, type Feeds, intValue } from "@graft/runtime";
import { openGraph } from "../src/trainer.ts";

/** Trains two steps on the base of the first argument and prints the highest resident memory of the process, in bytes. */
const base = await openBase(process.argv[2] ?? "");
const plan = planAdapter(base, {
  method: { name: "lora", rank: 1, targets: "all-linear" },
  task: { type: "text-classification", labels: ["no", "yes"] },
});
const { model, trained, slots, carry } = buildStep({ ...DEFAULTS, base, plan, optimiser: OPTIMISERS.sgd });
const state: Feeds = Object.fromEntries(
  [...trained, ...slots].map(({ key, shape }) => [
    key,
    floatValue(shape, new Float32Array(shape.reduce((product, size) => product * size, 1))),
  ]),
);
const session = await openGraph(model, { openSession, folder: base.folder, state, carry, threads: 1 });
for (let step = 1; step <= 2; step++) {
  await session.run({
    input_ids: intValue([1, 4], [1, 2, 3, 4]),
    attention_mask: intValue([1, 4], [1, 1, 1, 1]),
    token_type_ids: intValue([1, 4], [0, 0, 0, 0]),
    labels: intValue([1], [1]),
    learning_rate: floatValue([], Float32Array.of(1e-3)),
    step: floatValue([], Float32Array.of(step)),
  });
}
console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }));
await session.close();
