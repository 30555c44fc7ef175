import type { Observe } from "@graft/methods";
import { cloneModel, GraphBuilder, pruneModel } from "@graft/onnx";
import { placementOf } from "./open-trainer.ts";
import type { TrainOptions } from "./options.ts";
import type { Task } from "./tasks/task.ts";
import { openGraph } from "./trainer.ts";

/** Rows that are looked at: their words are enough for any prefix. */
const ROWS = 16;

/** Runs the base as it is over the first rows that are learnt from, and gives what it computes for their words; padding is none. */
export function observer(options: TrainOptions, task: Task): Observe {
  return async (values) => {
    const rows = task.lengths.train.slice(0, ROWS).map((_, row) => row);
    const { feeds } = await task.batch("train", { rows, pass: "words" });
    const builder = new GraphBuilder(cloneModel(options.base.model));
    builder.graph.output.length = 0;
    for (const [index, value] of values.entries()) {
      const float = builder.op("Cast", [value], { attributes: { to: 1 } });
      builder.output(float, { name: `observed_${index}`, type: "float32", shape: ["rows", "positions", "width"] });
    }
    pruneModel(builder.model);
    const session = await openGraph(builder.model, { ...placementOf(options), state: {} });
    try {
      const own = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
      const outputs = await session.run(Object.fromEntries(own));
      const mask = feeds["attention_mask"]?.data;
      return new Map(values.map((value, index) => [value, wordsOf(outputs[`observed_${index}`], mask)] as const));
    } finally {
      await session.close();
    }
  };
}

function wordsOf(
  value: { readonly dims: readonly number[]; readonly data: ArrayLike<number | bigint> } | undefined,
  mask: ArrayLike<number | bigint> | undefined,
): Float32Array {
  const width = value?.dims.at(-1) ?? 1;
  const all = value?.data as Float32Array;
  const kept = Array.from({ length: all.length / width }, (_, position) => position).filter(
    (position) => mask === undefined || Number(mask[position]) === 1,
  );
  const words = new Float32Array(kept.length * width);
  for (const [index, position] of kept.entries()) words.set(all.subarray(position * width, (position + 1) * width), index * width);
  return words;
}
