import type { Base } from "@graft/architectures";
import type { GoldenInputs } from "@graft/format";
import type { PlanTask } from "@graft/methods";
import type { GraphBuilder } from "@graft/onnx";
import type { Feeds, TensorValue, Tokenizer } from "@graft/runtime";
import type { ColumnRole, DataRecord, ReadContext } from "../data/columns.ts";
import type { Rows } from "../data/rows.ts";
import type { Settings } from "../defaults.ts";
import type { ExampleStore, Example } from "../examples.ts";
import type { MetricName, Outcome } from "../metrics.ts";
import type { Examination, Examiner, ModelInput } from "./examiner.ts";

/** Rows made ready for a session. */
export interface Batch {
  readonly feeds: Feeds;
  /** Real tokens, padding not counted. */
  readonly tokens: number;
  /** How much the batch's mean loss counts among others: rows, or tokens that carry a loss. */
  readonly weight: number;
}

/** Which of the rows. */
export type Part = "train" | "evaluation";

/** What some rows were taken for, gathered batch by batch. */
export interface Judge<B extends Batch = Batch> {
  /** `output` is what the task's definition `evaluates`. */
  add(batch: B, output: TensorValue): void;
  outcome(): Outcome;
}

/** A task over its rows made ready: what its head is planned from, its batches, its metrics. */
export interface Task<B extends Batch = Batch> {
  readonly plan: PlanTask;
  /** Labels in the order of the outputs; none where a task has none. */
  readonly labels: readonly string[];
  /** Metrics that are taken where nobody asks for others. */
  readonly metrics: readonly MetricName[];
  /** Tokens of each row, to make batches by. */
  readonly lengths: Readonly<Record<Part, readonly number[]>>;
  readonly truncated: number;
  readonly skipped: number;
  /** Rows by their number; `pass` sets what is drawn at random in them, and nothing else does. */
  batch(part: Part, options: { readonly rows: readonly number[]; readonly pass: string }): Promise<B>;
  judge(): Judge<B>;
  /** Rows whose outputs may be kept in the manifest, as `load` takes them. */
  golden(part: Part): readonly { readonly inputs: GoldenInputs; readonly row: number }[];
}

/** What the loss of a task is built from. */
interface LossInputs {
  /** What the head gives. */
  readonly logits: string;
  readonly task: PlanTask;
  /** Share of the truth that is spread over all classes; what has no classes leaves it. */
  readonly labelSmoothing?: number | undefined;
}

/** What a task is opened with. */
export interface TaskRun<Own> {
  readonly task: Own;
  readonly base: Base;
  /** TOKENIZER_INVALID when it is asked for and the base has none. */
  readonly tokenizer: Tokenizer;
  /** Reads a file that a row names. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** Longest row in tokens that the base and the settings allow. */
  readonly maxLength: number;
  readonly settings: Settings;
  readonly openStore: <E extends Example>() => ExampleStore<E>;
  readonly skipBadRows: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The rows of a task. */
export interface Rowed<Type extends string, Row> {
  readonly type: Type;
  readonly rows: Rows<Row>;
  readonly evaluation?: Rows<Row>;
}

/** The row of a task's rows. */
type RowOf<Own extends Rowed<string, unknown>> = Own["rows"] extends Rows<infer Row> ? Row : never;

/** One task: a row in the table. */
export interface TaskDefinition<Own extends Rowed<string, unknown>> {
  /** One line for people. */
  readonly description: string;
  /** Columns that it reads from files, in the order that help texts name them. */
  readonly columns: readonly ColumnRole[];
  /** Whether the loss of a row depends on the others of its batch, so that a batch in parts would be another loss. */
  readonly comparesRows?: true;
  /** Whether a plain text file is rows of it, a line each. */
  readonly readsLines?: true;
  /** A row from a file's record. DATA_INVALID with file and line. */
  parse(record: DataRecord, context: ReadContext): RowOf<Own>;
  /** What is known of a row before it is judged: its input alone. DATA_INVALID with file and line. */
  input(record: DataRecord, context: ReadContext): ModelInput;
  /** Compares the answers of a loaded model with the rows. */
  examine(task: Examination): Examiner<RowOf<Own>>;
  /** Reads and encodes the rows. DATA_INVALID, TOKENIZER_INVALID. */
  open(run: TaskRun<Own>): Promise<Task>;
  /** Adds the inputs of what is true and the loss; gives the name of its scalar, a mean over the batch. */
  loss(builder: GraphBuilder, inputs: LossInputs): string;
  /** What a judge is given: the most likely class of each row of the logits, or the logits. */
  evaluates(task: PlanTask): "predictions" | "logits";
}
