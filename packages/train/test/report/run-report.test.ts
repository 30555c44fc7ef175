import { openSession } from "@graft/runtime/node";
import { pageHtml, RunRecorder, runReport, train } from "@graft/train";
import { beforeAll, describe, expect, test } from "vitest";
import { tinyBase, tinyRows, tinyTokenizer } from "../tiny.ts";

const record = new RunRecorder();
let html = "";
beforeAll(async () => {
  for await (const event of train({
    base: tinyBase(),
    tokenizer: tinyTokenizer(),
    openSession,
    threads: 1,
    task: { type: "text-classification", rows: tinyRows(60), evaluation: tinyRows(90).slice(60) },
    method: { name: "lora", rank: 2 },
    epochs: 3,
    batchSize: 8,
    samples: 5,
  }))
    record.tell(event);
  html = runReport(record, {
    title: "Of <animals> & plants",
    settings: { data: "rows.jsonl" },
    environment: { node: "24.0.0" },
    sections: [{ title: "Spectrum", tables: [{ caption: "Singular values", head: ["target", "largest"], rows: [["query", 1.25]] }] }],
  });
});

describe("the report of a run", () => {
  test("has the sections that were asked for, in order", () => {
    expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)).toEqual([
      "Summary",
      "Curves",
      "Evaluations",
      "Samples",
      "Spectrum",
      "Settings",
      "Data",
      "Environment",
    ]);
    for (const text of ["rows.jsonl", "24.0.0", "learningRate", "sha256:", "Singular values"]) expect(html).toContain(text);
  });

  test("needs nothing besides itself, no script and no network", () => {
    expect(html).not.toMatch(/<script|<link|src=|href=|url\(|@import/);
    expect(html).toContain("prefers-color-scheme: dark");
  });

  test("draws every curve within its picture, and says the same in a table", () => {
    const pictures = html.match(/<svg[\s\S]*?<\/svg>/g) ?? [];
    expect(pictures.length).toBe(5);
    for (const picture of pictures) {
      expect(picture).toMatch(/role="img" aria-label="[^"]+; the numbers are in the table below"/);
      for (const [, points = ""] of picture.matchAll(/points="([^"]*)"/g))
        for (const [x = -1, y = -1] of points.split(" ").map((point) => point.split(",").map(Number))) {
          expect(x >= 0 && x <= 680 && y >= 0 && y <= 240, `${x},${y}`).toBe(true);
        }
    }
    expect(html.match(/<details><summary>[^<]* as a table<\/summary>/g)).toHaveLength(5);
    const loss = record.evaluations.at(-1)?.metrics["loss"] ?? 0;
    expect(html).toContain(`>${Number(loss.toPrecision(4))}</td>`);
  });

  test("escapes what comes from outside, and shows samples with what was predicted", () => {
    expect(html).toContain("<h1>Of &lt;animals&gt; &amp; plants</h1>");
    expect(record.samples).toHaveLength(5);
    for (const { input, predicted, actual } of record.samples) {
      expect(html).toContain(`<td>${input}</td><td>${predicted}</td><td>${actual}</td>`);
      expect(["animal", "place", "plant"]).toContain(predicted);
    }
  });

  test("says that a run ended before its time, and leaves out what is not there", () => {
    const short = new RunRecorder();
    if (record.start !== undefined) short.tell(record.start);
    for (const step of record.steps.slice(0, 3)) short.tell({ ...step, loss: Number.NaN });
    const report = runReport(short, { title: "Short" });
    expect(report).toContain("The run ended after step 3 of 24, before its time.");
    expect(report).not.toMatch(/NaN,|,NaN|Infinity|Evaluations|Samples/);
  });

  test("draws a logarithmic axis, one point, and equal values", () => {
    const page = pageHtml("Plots", [
      {
        title: "Plots",
        plots: [
          {
            title: "Logarithmic",
            x: "rate",
            logarithmic: true,
            curves: [
              {
                name: "a",
                points: [
                  [1e-4, 1],
                  [1e-3, 2],
                  [1e-2, 3],
                  [0, 9],
                ],
              },
            ],
          },
          { title: "Single", x: "step", curves: [{ name: "a", points: [[1, 5]] }] },
          {
            title: "Level",
            x: "step",
            curves: [
              {
                name: "a",
                points: [
                  [1, 5],
                  [2, 5],
                ],
              },
            ],
          },
          { title: "Nothing", x: "step", curves: [{ name: "a", points: [[1, Number.NaN]] }] },
        ],
      },
    ]);
    expect(page).not.toMatch(/NaN|Infinity|Nothing/);
    const [, points = ""] = /points="([^"]*)"/.exec(page) ?? [];
    const xs = points.split(" ").map((point) => Number(point.split(",")[0]));
    expect((xs[1] ?? 0) - (xs[0] ?? 0)).toBeCloseTo((xs[2] ?? 0) - (xs[1] ?? 0), 0);
    expect(page).toContain("<circle");
  });
});
