import { type Base, graphImage } from "@graft/architectures";
import { GraftError, isGraftError } from "@graft/error";
import { imageBatch, imageBytes, intValue, type PixelOptions } from "@graft/runtime";
import { brokenRow, type DataRecord, type ReadContext, textField } from "../data/columns.ts";
import type { Place } from "../data/rows.ts";
import { encodeExamples } from "../examples.ts";
import type { MetricName } from "../metrics.ts";
import { type ClassBatch, classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { type Examination, type Examiner, logLoss } from "./examiner.ts";
import { LabelSet } from "./label-set.ts";
import { countParts } from "./parts.ts";
import type { Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** An image, the path of its file or the bytes of it, with its label. */
export interface ImageRow {
  readonly image: string | Uint8Array;
  readonly label: string;
}

/** Which label an image has. */
export interface ImageClassificationRows extends Rowed<"image-classification", ImageRow> {
  /** Labels in the order of the outputs; those of the training rows, sorted, by default. */
  readonly labels?: readonly string[];
}

type Pictured = { readonly pixels: Uint8Array; readonly label: Int32Array };

const OWN_METRICS = ["accuracy", "f1"] as const satisfies readonly MetricName[];

/** One label of an image, as ViTForImageClassification gives it. PNG and JPEG, resized and normalised as preprocessor_config.json says. */
export const imageClassification: TaskDefinition<ImageClassificationRows> = {
  description: "One label of an image, PNG or JPEG",
  columns: ["image", "label"],
  parse: (record, context): ImageRow => ({ image: imageField(record, context), label: textField(record, "label", context) }),
  input: (record, context) => ({ image: imageField(record, context) }),
  examine,
  open,
  loss: classLoss,
  evaluates: () => "predictions",
};

async function open(run: TaskRun<ImageClassificationRows>): Promise<Task<ClassBatch>> {
  const { task, base, maxLength } = run;
  const { name, options } = imageOf(base);
  const set = new LabelSet(task.labels);
  const read = (rows: ImageClassificationRows["rows"]) =>
    encodeExamples(rows, {
      skipBadRows: run.skipBadRows,
      signal: run.signal,
      store: run.openStore<Pictured>(),
      encode: async (row: ImageRow, place) => ({
        example: { label: Int32Array.of(set.number(row.label, place)), pixels: await pixelsOf(row, { run, options, place }) },
        length: maxLength,
      }),
    });
  const train = await read(task.rows);
  const labels = train.lengths.length === 0 ? [] : set.close(2);
  const parts = { train, evaluation: await read(task.evaluation ?? []) };
  return {
    plan: { type: "image-classification", labels },
    labels,
    metrics: OWN_METRICS,
    ...countParts(parts),
    batch: async (part, { rows }) => {
      const examples = await parts[part].store.read(rows);
      const classes = examples.map(({ label }) => set.index(label[0] ?? 0));
      const pixels = imageBatch(
        examples.map((example) => example.pixels),
        options,
      );
      return {
        feeds: { [name]: pixels, [LABELS]: intValue([classes.length], classes) },
        tokens: rows.length * maxLength,
        weight: classes.length,
        labels: classes,
      };
    },
    judge: () => classJudge(labels.length),
    golden: () => [],
  };
}

/** How a base takes images. USAGE for one that takes none, or images of no fixed size. */
function imageOf(base: Base): { name: string; options: PixelOptions } {
  const input = graphImage(base.model);
  if (input !== undefined && base.image !== undefined) return { name: input.name, options: base.image };
  throw new GraftError(
    "USAGE",
    `Cannot train on images: "${base.name}" ${input === undefined ? "has no input of images" : "takes images of no fixed size"}`,
    { hint: input === undefined ? "Take a model of images, such as ViT" : "Export it with a fixed size" },
  );
}

async function pixelsOf(
  { image }: ImageRow,
  { run, options, place }: { run: TaskRun<ImageClassificationRows>; options: PixelOptions; place: Place },
): Promise<Uint8Array> {
  try {
    return imageBytes(typeof image === "string" ? await run.readFile(image) : image, options);
  } catch (cause) {
    if (!isGraftError(cause)) throw cause;
    throw brokenRow(place, cause.message.replace(/^Cannot [^:]*: /, "its image cannot be read: "), cause.hint);
  }
}

/** A path, beside the file of rows where it is relative; base64, with or without `data:…,`; or bytes as Parquet's images have them. */
function imageField(record: DataRecord, context: ReadContext): string | Uint8Array {
  const value = record[context.columns.image ?? "image"];
  const bytes = value instanceof Uint8Array ? value : (value as { readonly bytes?: unknown } | null | undefined)?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  const text = textField(record, "image", context);
  const [, encoded = text] = /^data:[^,]*;base64,(.*)$/s.exec(text) ?? [];
  // The first bytes of PNG and JPEG files.
  if (/^(?:iVBORw0KGgo|\/9j\/)/.test(encoded) && encoded.length > 100) return Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0));
  const folder = context.place.file?.replace(/[^/\\]*$/, "") ?? "";
  return /^(?:\/|[A-Za-z]:)/.test(text) ? text : `${folder}${text}`;
}

function examine({ labels }: Examination): Examiner<ImageRow> {
  const set = new LabelSet(labels, "those of the adapter");
  const [predicted, actual, scores]: [number[], number[], number[]] = [[], [], []];
  return {
    metrics: OWN_METRICS,
    inputs: ({ image }) => [{ image }],
    add({ row, place, answers: [answer] }) {
      actual.push(set.number(row.label, place));
      predicted.push(labels.indexOf(answer?.label ?? ""));
      scores.push(answer?.scores[row.label] ?? 0);
    },
    verdict: () => ({ outcome: { kind: "classes", predicted, actual, classes: labels.length }, loss: logLoss(scores) }),
  };
}
