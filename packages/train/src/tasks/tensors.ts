import { meanSquaredError } from "@graft/autodiff";
import { GraftError } from "@graft/error";
import { DataType, type ModelProto } from "@graft/onnx";
import { floatValue, intValue, type TensorValue } from "@graft/runtime";
import { brokenRow } from "../data/columns.ts";
import type { Place } from "../data/rows.ts";
import { encodeExamples } from "../examples.ts";
import { classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { TARGETS } from "./label-sets.ts";
import { nested, type Nested } from "./nested.ts";
import { numberJudge } from "./number-judge.ts";
import { countParts } from "./parts.ts";
import type { Batch, Judge, Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** Numbers for each input of a network, nested as deep as the input has axes after the batch's, and what it should give. */
export interface TensorRow {
  readonly inputs: Readonly<Record<string, Nested>>;
  /** Class numbers, one for each row of the output, or the numbers themselves. */
  readonly target: Nested;
}

/** Rows of numbers for a network of any kind. */
export interface TensorRows extends Rowed<"tensors", TensorRow> {
  /** Numbers by default. */
  readonly objective?: "classes" | "numbers";
  /** The graph's output; its only one by default. */
  readonly output?: string;
}

/** A row's numbers, one array after the other: those of input `name` under `input:name`. */
type Flat = Readonly<Record<string, Float32Array>>;

/** A network's own output: an MLP on a table, a convolutional network, a recogniser. */
export const tensors: TaskDefinition<TensorRows> = {
  description: "A network's own output, classes or numbers, from tensors",
  columns: ["inputs", "target"],
  parse: ({ inputs, target }, { columns, place }): TensorRow => {
    if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs) || target === undefined || target === null)
      throw brokenRow(place, `it has no "${columns.inputs ?? "inputs"}" with numbers by input, and a "${columns.target ?? "target"}"`);
    return { inputs: inputs as TensorRow["inputs"], target: target as Nested };
  },
  input: noText,
  examine: noText,
  open,
  loss: (builder, { logits, task, labelSmoothing }) =>
    task.type === "tensors" && task.objective === "classes"
      ? classLoss(builder, { logits, labelSmoothing })
      : meanSquaredError(builder, {
          predictions: builder.op("Reshape", [logits, builder.int([-1])], { name: "loss/Flat" }),
          targets: builder.input(TARGETS, "float32", ["targets"]),
        }),
  evaluates: (task) => (task.type === "tensors" && task.objective === "classes" ? "predictions" : "logits"),
};

function noText(): never {
  throw new GraftError("USAGE", "Cannot run tensors as texts: the adapter is of a network that takes tensors", {
    hint: "Merge the adapter with graft merge, and run the ONNX file",
  });
}

async function open(run: TaskRun<TensorRows>): Promise<Task> {
  const { task, openStore, skipBadRows, signal } = run;
  const { model } = run.base;
  const { objective = "numbers", output } = task;
  let form: Form | undefined;
  const read = (rows: TensorRows["rows"]) =>
    encodeExamples(rows, {
      skipBadRows,
      signal,
      store: openStore<Flat>(),
      encode: (row: TensorRow, place) => {
        const own = formOf(row, place);
        form ??= checkForm(model, own);
        if (JSON.stringify(own.shapes) !== JSON.stringify(form.shapes))
          throw brokenRow(place, `its shapes are ${JSON.stringify(own.shapes)}, want ${JSON.stringify(form.shapes)}`);
        return { example: own.values, length: 1 };
      },
    });
  const parts = { train: await read(task.rows), evaluation: await read(task.evaluation ?? []) };
  const { shapes = {} } = form ?? {};
  const classes = objective === "classes";
  return {
    plan: { type: "tensors", objective, ...(output === undefined ? {} : { output }) },
    labels: [],
    metrics: classes ? ["accuracy"] : ["mse"],
    ...countParts(parts),
    batch: async (part, { rows }) => batchOf(await parts[part].store.read(rows), { model, shapes, classes }),
    judge: () => (classes ? classJudge(0) : numberJudge()) as Judge,
    golden: () => [],
  };
}

/** What rows have in common: the shape of each input, and of the target. */
interface Form {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly values: Flat;
}

function formOf({ inputs, target }: TensorRow, place: Place): Form {
  const read = Object.entries({ ...inputs, [TARGETS]: target }).map(([name, value]) => {
    const flat = nested(value);
    if (flat === undefined) throw brokenRow(place, `its "${name}" is no block of finite numbers`);
    return [name, flat] as const;
  });
  return {
    shapes: Object.fromEntries(read.map(([name, { dims }]) => [name, dims])),
    values: Object.fromEntries(read.map(([name, { data }]) => [name, data])),
  };
}

function checkForm(model: ModelProto, form: Form): Form {
  const wanted = model.graph?.input.map(({ name }) => name) ?? [];
  const given = Object.keys(form.shapes).filter((name) => name !== TARGETS);
  if (wanted.toSorted().join() === given.toSorted().join()) return form;
  throw new GraftError("DATA_INVALID", `Cannot feed the network: rows have ${given.map((name) => `"${name}"`).join(", ")}`, {
    hint: `Its inputs are ${wanted.map((name) => `"${name}"`).join(", ")}`,
  });
}

function batchOf(
  examples: readonly Flat[],
  { model, shapes, classes }: { model: ModelProto; shapes: Form["shapes"]; classes: boolean },
): Batch & { labels: readonly number[]; targets: readonly (readonly number[])[] } {
  const feeds = Object.entries(shapes).flatMap(([name, dims]): [string, TensorValue][] => {
    if (name === TARGETS) return [];
    const all = examples.flatMap((example) => [...(example[name] ?? [])]);
    const type = model.graph?.input.find((input) => input.name === name)?.type?.value;
    const whole = type?.case === "tensorType" && type.value.elemType === DataType.int64;
    const shape = [examples.length, ...dims];
    return [[name, whole ? intValue(shape, all) : floatValue(shape, Float32Array.from(all))]];
  });
  const targets = examples.map((example) => [...(example[TARGETS] ?? [])]);
  const flat = targets.flat();
  const truth: [string, TensorValue] = classes
    ? [LABELS, intValue([flat.length], flat)]
    : [TARGETS, floatValue([flat.length], Float32Array.from(flat))];
  return { feeds: Object.fromEntries([...feeds, truth]), tokens: examples.length, weight: flat.length, labels: flat, targets };
}
