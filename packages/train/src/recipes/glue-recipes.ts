import type { MethodOptions } from "@graft/methods";
import type { MetricName } from "../metrics.ts";
import type { Hyperparameters } from "../options.ts";
import type { Recipe } from "./recipe.ts";

/** GLUE's tasks in the order of the paper's tables, with the metrics that the paper reports. */
const GLUE_TASKS = {
  mnli: ["accuracy"],
  sst2: ["accuracy"],
  mrpc: ["accuracy", "f1-binary"],
  cola: ["matthews"],
  qnli: ["accuracy"],
  qqp: ["accuracy", "f1-binary"],
  rte: ["accuracy"],
  stsb: ["pearson", "spearman"],
} as const satisfies Record<string, readonly MetricName[]>;
type GlueTask = keyof typeof GLUE_TASKS;

/** Tasks whose runs in the paper begin with its best adapter for MNLI. */
const FROM_MNLI: readonly GlueTask[] = ["mrpc", "rte", "stsb"];

/** One number for every task, or one for each in the order of GLUE_TASKS. */
type Column = number | readonly number[];

/** A row of the paper's tables 9 and 10. */
interface GlueRow {
  readonly method: MethodOptions;
  readonly batch: Column;
  readonly epochs: Column;
  readonly rate: Column;
  readonly length: Column;
  readonly warmup: number;
  readonly decay: Column;
  /** Whether MRPC, RTE and STS-B begin with the adapter for MNLI. */
  readonly fromMnli?: true;
  readonly notes: readonly string[];
}

const lora = (alpha: number): MethodOptions => ({ name: "lora", rank: 8, alpha, targets: "attention", initialisation: "gaussian" });
const bottleneck = (variant: "H" | "P", size: number): MethodOptions => ({ name: "bottleneck", variant, size });

const DECAY = "The paper names no weight decay; its scripts have 0.1, which is taken";
const ROBERTA = { warmup: 0.06, decay: 0.1 } as const;
const HOULSBY = { ...ROBERTA, length: 128 } as const;
const HOULSBY_EPOCHS = [10, 5, 10, 10, 5, 20, 20, 10] as const;

const ROWS: Readonly<Record<string, GlueRow>> = {
  "roberta-base": {
    ...ROBERTA,
    method: lora(8),
    batch: [16, 16, 16, 32, 32, 16, 32, 16],
    epochs: [30, 60, 30, 80, 25, 25, 80, 40],
    rate: [5e-4, 5e-4, 4e-4, 4e-4, 4e-4, 5e-4, 5e-4, 4e-4],
    length: 512,
    fromMnli: true,
    notes: ["α is 8 in the paper, which is taken, and 16 in its scripts", DECAY],
  },
  "roberta-large": {
    ...ROBERTA,
    method: lora(16),
    batch: [4, 4, 4, 4, 4, 4, 8, 8],
    epochs: [10, 10, 20, 20, 10, 20, 20, 30],
    rate: [3e-4, 4e-4, 3e-4, 2e-4, 2e-4, 3e-4, 4e-4, 2e-4],
    length: [128, 128, 512, 128, 512, 512, 512, 512],
    fromMnli: true,
    notes: ["The learning rate of CoLA is 2e-4 in the paper, which is taken, and 3e-4 in its scripts", DECAY],
  },
  // The paper's †: the set-up of Houlsby et al., every task from the base, 128 tokens.
  "roberta-large-houlsby": {
    ...HOULSBY,
    method: lora(16),
    batch: 4,
    epochs: [10, 10, 20, 20, 10, 20, 20, 10],
    rate: [3e-4, 4e-4, 3e-4, 2e-4, 2e-4, 3e-4, 4e-4, 2e-4],
    notes: ["The paper's †: every task begins with the base", DECAY],
  },
  "roberta-large-adapter-p-3m": {
    ...HOULSBY,
    method: bottleneck("P", 64),
    batch: 32,
    epochs: [10, 20, 20, 20, 10, 20, 20, 20],
    rate: [3e-5, 3e-5, 3e-4, 3e-4, 3e-4, 3e-4, 3e-4, 3e-4],
    notes: [DECAY],
  },
  "roberta-large-adapter-p-0.8m": {
    ...HOULSBY,
    method: bottleneck("P", 16),
    batch: 32,
    epochs: [5, 20, 20, 20, 10, 20, 20, 20],
    rate: 3e-4,
    notes: [DECAY],
  },
  "roberta-large-adapter-h-6m": {
    ...HOULSBY,
    method: bottleneck("H", 64),
    batch: 32,
    epochs: HOULSBY_EPOCHS,
    rate: [3e-5, 3e-4, 3e-4, 3e-4, 3e-4, 3e-4, 3e-4, 3e-4],
    notes: [DECAY],
  },
  "roberta-large-adapter-h-0.8m": {
    ...HOULSBY,
    method: bottleneck("H", 8),
    batch: 32,
    epochs: HOULSBY_EPOCHS,
    rate: 3e-4,
    notes: [DECAY],
  },
  "deberta-xxlarge": {
    method: lora(8),
    batch: [8, 8, 32, 4, 6, 8, 4, 4],
    epochs: [5, 16, 30, 10, 8, 11, 11, 10],
    rate: [1e-4, 6e-5, 2e-4, 1e-4, 1e-4, 1e-4, 2e-4, 2e-4],
    length: [256, 128, 128, 64, 512, 320, 320, 128],
    warmup: 0.1,
    decay: [0, 0.01, 0.01, 0, 0.01, 0.01, 0.01, 0.1],
    fromMnli: true,
    notes: [
      "Rank and α are 8 in the paper, which is taken; its scripts have 16 and 32, and the 4.7 M parameters that it reports are those of rank 16",
      "The paper's dropout before the classifier (0 to 0.2) is not applied",
    ],
  },
};

/** Recipes of GLUE by model and task. */
export const GLUE_RECIPES: Readonly<Record<string, Recipe>> = Object.fromEntries(
  Object.entries(ROWS).flatMap(([model, row]) =>
    (Object.keys(GLUE_TASKS) as GlueTask[]).map((task, index) => [`${model}/${task}`, recipeOf(row, { task, index })] as const),
  ),
);

function recipeOf({ method, notes, fromMnli, ...row }: GlueRow, { task, index }: { task: GlueTask; index: number }): Recipe {
  const at = (column: Column): number => (typeof column === "number" ? column : (column[index] ?? Number.NaN));
  const hyperparameters: Hyperparameters = {
    epochs: at(row.epochs),
    batchSize: at(row.batch),
    learningRate: at(row.rate),
    maxLength: at(row.length),
    schedule: "linear",
    warmup: row.warmup,
    optimiser: "adamw",
    weightDecay: at(row.decay),
    keep: "best",
  };
  const start =
    fromMnli === true && FROM_MNLI.includes(task) ? ["The paper begins this task with its best adapter for MNLI, not with the base"] : [];
  return {
    task: task === "stsb" ? "regression" : "text-classification",
    method,
    hyperparameters,
    metrics: GLUE_TASKS[task],
    notes: [...start, ...notes],
  };
}
