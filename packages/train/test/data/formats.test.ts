import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectRows, type TaskName, type TaskRows } from "@graft/train";
import { readInputs, readRows, type RowSource } from "@graft/train/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../../test/referee.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-formats-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rowsOf = async (task: TaskName, data: string, options: Partial<RowSource> = {}): Promise<unknown[]> =>
  collectRows<unknown>((await readRows({ task, data, ...options })).task.rows as TaskRows["rows"]);

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

describe("every task reads its columns", () => {
  test.for<[TaskName, string, unknown, Partial<RowSource>?]>([
    ["text-classification", '{"text":"a","label":["x","y"]}', { text: "a", label: ["x", "y"] }],
    ["text-classification", '{"text":"a","pair":"b","label":true}', { text: "a", pair: "b", label: "true" }],
    ["text-classification", '{"text":"a","label":"x| y"}', { text: "a", label: ["x", "y"] }, { labelSeparator: "|" }],
    ["regression", '{"text":"a","score":"1.5"}', { text: "a", score: [1.5] }],
    ["regression", '{"text":"a","score":[1,2]}', { text: "a", score: [1, 2] }],
    ["regression", '{"text":"a","x":1,"y":-2e3}', { text: "a", score: [1, -2000] }, { columns: { score: "x,y" } }],
    ["token-classification", '{"words":["New","York"],"tags":["B","I"]}', { words: ["New", "York"], tags: ["B", "I"] }],
    ["token-classification", '{"words":"in New York","tags":"O B I"}', { words: ["in", "New", "York"], tags: ["O", "B", "I"] }],
    ["sentence-embeddings", '{"text":"a","pair":"b"}', { text: "a", pair: "b" }],
    ["sentence-embeddings", '{"text":"a","pair":"b","score":0.5}', { text: "a", pair: "b", score: 0.5 }],
    ["sentence-embeddings", '{"text":"a","pair":"b","negative":"c"}', { text: "a", pair: "b", negative: "c" }],
    ["masked-language-modelling", '{"text":"a","word":"b"}', { text: "a", word: "b" }],
  ])("%s: %s", async ([task, line, row, options]) => {
    expect(await rowsOf(task, await file("row.jsonl", `${line}\n`), options)).toEqual([row]);
  });

  test.for<[TaskName, string, string]>([
    ["regression", '{"text":"a","score":"many"}', 'its "score" is no number but "many"'],
    ["token-classification", '{"words":["a","b"],"tags":["O"]}', "it has 2 words and 1 tags"],
    ["sentence-embeddings", '{"text":"a"}', 'it has no "pair", only "text"'],
    ["text-classification", '{"txt":"a","label":"x"}', 'it has no "text", only "txt", "label"'],
  ])("%s says what is wrong with %s", async ([task, line, why]) => {
    const path = await file("wrong.jsonl", `\n${line}\n`);
    await expect(rowsOf(task, path)).rejects.toMatchObject({ code: "DATA_INVALID", message: `Cannot use line 2 of "${path}": ${why}` });
  });

  test("a column that is nearly called so is named", async () => {
    await expect(rowsOf("text-classification", await file("near.jsonl", '{"txt":"a","label":"x"}\n'))).rejects.toMatchObject({
      hint: 'Did you mean "txt"? Say so with --text txt',
    });
  });

  test("what is not yet known of a row need not be there", async () => {
    const path = await file("inputs.jsonl", '{"text":"a","pair":"b"}\n{"text":"c"}\n');
    expect(await collectRows(await readInputs({ task: "text-classification", data: path }))).toEqual([
      { text: "a", pair: "b" },
      { text: "c" },
    ]);
  });
});

describe("files", () => {
  test("have byte order marks, carriage returns and quotes", async () => {
    const csv = '\ufefftext,label\r\n"a ""cat"", here",x\r\nb,"y"\r\n';
    const rows = [
      { text: 'a "cat", here', label: "x" },
      { text: "b", label: "y" },
    ];
    expect(await rowsOf("text-classification", await file("marks.csv", csv))).toEqual(rows);
    const jsonl = rows.map((row) => `${JSON.stringify(row)}\r\n`).join("");
    expect(await rowsOf("text-classification", await file("marks.jsonl", `\ufeff${jsonl}`))).toEqual(rows);
    expect(await rowsOf("masked-language-modelling", await file("marks.txt", "\ufeffa\r\nb\r\n"))).toEqual(["a", "b"]);
  });

  test("are several: by a glob in the order of names, or with commas", async () => {
    for (const name of ["b", "a", "c"]) await file(`parts/${name}.jsonl`, `{"text":"${name}","label":"x"}\n`);
    const text = (rows: unknown[]): unknown => rows.map((row) => (row as { text: string }).text);
    expect(text(await rowsOf("text-classification", join(folder, "parts/*.jsonl")))).toEqual(["a", "b", "c"]);
    expect(text(await rowsOf("text-classification", `${join(folder, "parts/c.jsonl")},${join(folder, "parts/a.jsonl")}`))).toEqual([
      "c",
      "a",
    ]);
    await expect(rowsOf("text-classification", join(folder, "parts/*.csv"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("it matches no file"),
    });
    await expect(rowsOf("text-classification", join(folder, "parts/aa.jsonl"))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      hint: expect.stringContaining('a.jsonl"?'),
    });
    await expect(rowsOf("text-classification", join(folder, "parts"))).rejects.toMatchObject({ code: "USAGE" });
  });

  test("with bad rows tell each of them in its place, and go on", async () => {
    const csv = await file("bad.csv", "text,label\na,x\nb\nc,y,z\ne,z\n");
    const { task } = await readRows({ task: "text-classification", data: csv });
    const seen: unknown[] = [];
    for await (const placed of task.rows as AsyncIterable<{ place: { line: number }; row?: { text: string } }>)
      seen.push([placed.place.line, placed.row?.text]);
    expect(seen.toSorted()).toEqual([
      [2, "a"],
      [3, undefined],
      [4, undefined],
      [5, "e"],
    ]);
  });

  test("are not read on behind a quote that stands wrong, whatever may be skipped", async () => {
    const csv = await file("quote.csv", 'text,label\na,x\n"b" c,y\nd,z\n');
    const { task } = await readRows({ task: "text-classification", data: csv });
    await expect(
      (async () => {
        for await (const _ of task.rows as AsyncIterable<unknown>);
      })(),
    ).rejects.toMatchObject({ code: "DATA_INVALID", message: expect.stringContaining("line 3 of") });
  });
});

const PARQUET = `
import json, sys
import pyarrow as pa, pyarrow.parquet as pq
folder = json.load(sys.stdin)
table = pa.table({"text": [f"row {i}" for i in range(50)], "label": pa.array([i % 3 for i in range(50)], pa.int64()), "words": [["a", "b"]] * 50, "tags": [["x", "y"]] * 50, "score": [i / 4 for i in range(50)]})
for compression in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(table, f"{folder}/{compression}.parquet", compression=compression, row_group_size=20)
`;

describe.skipIf(referee === undefined)("Parquet as PyArrow writes it", () => {
  beforeAll(() => {
    runReferee(PARQUET, JSON.stringify(folder));
  });

  test.for(["none", "snappy", "gzip", "zstd", "brotli", "lz4"])("with the compression %s", async (compression) => {
    const path = join(folder, `${compression}.parquet`);
    const rows = await rowsOf("text-classification", path);
    expect(rows).toHaveLength(50);
    expect(rows[41]).toEqual({ text: "row 41", label: "2" });
    expect((await rowsOf("token-classification", path))[49]).toEqual({ words: ["a", "b"], tags: ["x", "y"] });
    expect((await rowsOf("regression", path))[6]).toEqual({ text: "row 6", score: [1.5] });
  });

  test("names a bad row by its number", async () => {
    await expect(rowsOf("text-classification", join(folder, "none.parquet"), { columns: { text: "words" } })).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringMatching(/^Cannot use row 1 of ".*none.parquet": its "words" is no text$/),
    });
  });

  test("that is cut short, or is none, is one clear error", async () => {
    const whole = await readFile(join(folder, "snappy.parquet"));
    const path = await file("cut.parquet", whole);
    await truncate(path, 400);
    await expect(rowsOf("text-classification", path)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("cut short"),
    });
    await expect(rowsOf("text-classification", await file("none-at-all.parquet", "PAR1"))).rejects.toMatchObject({ code: "DATA_INVALID" });
    // The end is there, and bytes in the middle are gone.
    const hole = await file("hole.parquet", Buffer.concat([whole.subarray(0, 100), whole.subarray(whole.length - 1800)]));
    await expect(rowsOf("text-classification", hole)).rejects.toMatchObject({ code: "DATA_INVALID" });
  });
});
