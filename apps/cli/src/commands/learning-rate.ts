import { writeFileWhole } from "@graft/files";
import { environment } from "@graft/runtime/node";
import { pageHtml, type Plot, type RangePoint, rangeTest } from "@graft/train";
import { trainFromFiles } from "@graft/train/node";
import { command, numberArgument } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { BASE_ARGS } from "../train/base-argument.ts";
import { DATA_ARGS, dataOptions } from "../train/data-options.ts";
import { LOOP_ARGS, loopOptions } from "../train/loop-options.ts";
import { METHOD_ARGS, methodOptions } from "../train/method-options.ts";
import { present } from "../train/present.ts";
import { checkReport, REPORT_ARGS } from "../train/report-options.ts";
import { TASK_ARGS, taskOptions } from "../train/task-options.ts";

/** Lines of the table. */
const LINES = 20;

/** `graft learning-rate`: the range test, and the rate that it suggests. */
export const learningRate = command({
  name: "learning-rate",
  description: "Find a learning rate: one that grows from step to step, until the loss is lost",
  examples: ["graft learning-rate --base ./minilm --data train.jsonl --rank 8 --report rates.html"],
  args: {
    ...BASE_ARGS,
    from: { type: "string", description: "Lowest learning rate", default: "1e-6", valueHint: "number" },
    to: { type: "string", description: "Highest learning rate", default: "1", valueHint: "number" },
    ...DATA_ARGS,
    ...TASK_ARGS,
    ...METHOD_ARGS,
    ...LOOP_ARGS,
    report: REPORT_ARGS.report,
  },
  run: async ({ args, output, signal }) => {
    await checkReport(args);
    const options = { ...(await dataOptions(args)), ...taskOptions(args), ...loopOptions(args), method: methodOptions(args) };
    const range = present({
      from: numberArgument(args.from, "from", { least: Number.MIN_VALUE }),
      to: numberArgument(args.to, "to", { least: Number.MIN_VALUE }),
      steps: options.steps,
    });
    const base = await locateBase(args.base);
    const { evaluation: _, ...rest } = options;
    const test = rangeTest((wanted) => trainFromFiles({ ...rest, ...wanted, base, signal }), range);
    let next = await test.next();
    for (let step = 1; next.done !== true; step++, next = await test.next()) {
      const { learningRate: rate, smoothed } = next.value;
      const detail = `rate ${rate.toExponential(1)}  loss ${smoothed.toFixed(3)}`;
      output.progress.update({ label: "Range test", done: step, total: options.steps ?? 100, detail });
    }
    output.progress.end();
    const { points, suggestion } = next.value;
    const every = Math.max(1, Math.ceil(points.length / LINES));
    const shown = points.filter((__, index) => index % every === 0 || index === points.length - 1);
    output.table(
      shown.map(({ learningRate: rate, loss, smoothed }) => [rate.toExponential(2), loss.toFixed(4), smoothed.toFixed(4)]),
      { head: ["learning rate", "loss", "smoothed"] },
    );
    output.line(
      suggestion === undefined
        ? "The loss falls nowhere: no rate is suggested"
        : `The loss falls fastest at ${suggestion.toExponential(1)}: try --learning-rate ${suggestion.toExponential(1)}`,
    );
    if (args.report !== undefined) await writeFileWhole(args.report, page(points, suggestion));
    output.result({ suggestion: suggestion ?? null, points });
  },
});

function page(points: readonly RangePoint[], suggestion: number | undefined): string {
  const plot: Plot = {
    title: "Loss against learning rate",
    x: "learning rate",
    logarithmic: true,
    curves: [
      { name: "of each step", points: points.map(({ learningRate: rate, loss }) => [rate, loss]) },
      { name: "smoothed", points: points.map(({ learningRate: rate, smoothed }) => [rate, smoothed]) },
    ],
    ...(suggestion === undefined ? {} : { mark: { x: suggestion, label: suggestion.toExponential(1) } }),
  };
  const text = suggestion === undefined ? "The loss falls nowhere." : `The loss falls fastest at ${suggestion.toExponential(1)}.`;
  const rows = Object.entries(environment()).map(([name, value]) => [name, value] as const);
  return pageHtml("Learning-rate range test", [
    { title: "Result", text, plots: [plot] },
    { title: "Environment", tables: [{ caption: "Environment", head: ["name", "value"], rows }] },
  ]);
}
