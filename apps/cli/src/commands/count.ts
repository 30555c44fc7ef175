import { GraftError } from "@graft/error";
import { estimateMemory, type Method, METHODS, planHead } from "@graft/methods";
import { formatBytes } from "@graft/terminal";
import { command, numberArgument } from "../command.ts";
import { type CountBase, countBase } from "../count/count-base.ts";
import { METHOD_ARGS, methodOptions } from "../train/method-options.ts";

/** `graft count`: what a method would train on a base, before anything is loaded. */
export const count = command({
  name: "count",
  description: "Count the numbers that a method would train, and estimate the memory it takes, before anything is loaded",
  examples: [
    "graft count --base ./minilm --method lora --rank 8 --labels 6",
    "graft count --shapes gpt3-175b --method lora --rank 4",
    "graft count --shapes ./config.json --method bottleneck --variant P --size 64 --rows 32 --length 128 --json",
  ],
  args: {
    base: {
      type: "string",
      description: "Checkpoint folder, ONNX file, or name in the local store: its header is read",
      valueHint: "base",
    },
    shapes: { type: "string", description: "In place of a base: a config.json, or a known model such as gpt2-medium", valueHint: "name" },
    ...METHOD_ARGS,
    labels: { type: "string", description: "Outputs of a classifier to count too", valueHint: "number" },
    rows: { type: "string", description: "Rows of a batch; 16 when left out", valueHint: "number" },
    length: { type: "string", description: "Tokens of a row; 128, or what the base leaves, when left out", valueHint: "number" },
  },
  run: async ({ args, output }) => {
    const whole = { least: 1, whole: true };
    const [rows, asked, labels] = [
      numberArgument(args.rows, "rows", whole) ?? 16,
      numberArgument(args.length, "length", whole),
      numberArgument(args.labels, "labels", whole),
    ];
    const options = methodOptions(args);
    const base = await countBase(args);
    const method = METHODS[options.name] as Method;
    const trained = method.count(base.shapes, options);
    const head = labels === undefined ? 0 : headCount(base, labels);
    const inserted = method.positions?.({ ...options } as Parameters<NonNullable<Method["positions"]>>[0]) ?? 0;
    const length = asked ?? Math.max(1, Math.min(128, (base.maxLength ?? Number.POSITIVE_INFINITY) - inserted));
    if (base.maxLength !== undefined && length + inserted > base.maxLength)
      throw new GraftError(
        "USAGE",
        `Cannot count rows of ${length} tokens${inserted === 0 ? "" : ` and ${inserted} inserted ones`}: the base takes ${base.maxLength}`,
        { hint: "Pass a smaller --length, or insert fewer positions" },
      );
    const all = base.shapes.weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    const total = trained + head;
    const memory = estimateMemory(base.shapes, {
      trained: total,
      throughBase: trained > 0,
      rows,
      length: length + inserted,
      heads: base.heads,
    });
    const exact = (value: number): string => value.toLocaleString("en");
    output.line(`${base.name}, ${exact(all)} parameters: ${options.name}`);
    output.table([
      ["  trained", exact(trained), `${((100 * trained) / all).toPrecision(3)} % of the base`],
      ...(labels === undefined ? [] : [["  head", exact(head), `${labels} outputs`]]),
      ["  in float32", exact(4 * total), formatBytes(4 * total)],
      ["  in float16", exact(2 * total), formatBytes(2 * total)],
      ["  optimiser state", exact(8 * total), `${formatBytes(8 * total)}, two moments of AdamW`],
      ...(base.maxLength === undefined || inserted === 0
        ? []
        : [["  tokens left", exact(base.maxLength - inserted), `of ${exact(base.maxLength)}`]]),
      ["  peak memory", `≈ ${formatBytes(memory.total)}`, `an estimate, for ${rows} × ${length} tokens in float32 on the CPU`],
    ]);
    output.result({
      base: base.name,
      parameters: all,
      method: options,
      trained,
      head,
      bytes: { float32: 4 * total, float16: 2 * total, optimiser: 8 * total },
      ...(base.maxLength === undefined || inserted === 0 ? {} : { tokensLeft: base.maxLength - inserted }),
      memory: { rows, length, ...memory },
    });
  },
});

/** Numbers of the classifier that training puts behind the base. */
function headCount({ plan }: CountBase, outputs: number): number {
  if (plan === undefined)
    throw new GraftError("USAGE", "Cannot count a head over a known model: its class of transformers is not told", {
      hint: "Pass --base, or --shapes with a config.json",
    });
  const labels = Array.from({ length: outputs }, (_, index) => `label ${index}`);
  const { trainables } = planHead(plan, { type: outputs === 1 ? "regression" : "text-classification", labels });
  return trainables.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
