import { GraftError } from "@graft/error";
import type { Plan } from "@graft/methods";
import { DataType } from "@graft/onnx";
import type { Settings } from "./defaults.ts";
import { microBatchOf } from "./epochs.ts";
import { OPTIMISERS } from "./optimisers.ts";
import type { TrainOptions } from "./options.ts";
import { elements } from "./shape.ts";
import type { Task } from "./tasks/task.ts";

const FLOAT = 4;

/**
 * Refuses a run that cannot fit into the machine's memory, before anything is loaded for it. What is counted is less than any run
 * takes: the base, weights with gradients and slots, and what the targets of the widest batch read, three of them the same.
 * OUT_OF_MEMORY.
 */
export function checkMemory(
  { base, memory }: Pick<TrainOptions, "base" | "memory">,
  { plan, settings, task }: { plan: Plan; settings: Settings; task: Task },
): void {
  if (memory === undefined) return;
  const initializers = base.model.graph?.initializer ?? [];
  const frozen = initializers.reduce(
    (sum, { dims, dataType }) => sum + (dataType === DataType.float32 ? FLOAT : 1) * elements(dims.map(Number)),
    0,
  );
  const trained = plan.parameters * (2 + OPTIMISERS[settings.optimiser].slots.length);
  const rows = Math.min(microBatchOf(settings), task.lengths.train.length);
  const longest = task.lengths.train.reduce((most, length) => Math.max(most, length), 0);
  const read = rows * longest * base.hiddenSize * Math.ceil(plan.targets.length / 3);
  const needed = frozen + FLOAT * (trained + read);
  if (needed <= memory) return;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;
  throw new GraftError(
    "OUT_OF_MEMORY",
    `Cannot train "${base.name}": the run needs more than ${gigabytes(needed)}, and the machine has ${gigabytes(memory)}`,
    {
      hint: "Run fewer rows at once (--micro-batch), shorter rows (--max-length), or train less (another --method)",
      detail: { needed, memory },
    },
  );
}
