import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectRows, type LabelledRow } from "@graft/train";
import { readRows } from "@graft/train/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-rows-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, content: string | Uint8Array, columns = {}): Promise<LabelledRow[]> {
  const path = join(folder, name);
  await writeFile(path, content);
  const { task } = await readRows({ task: "text-classification", data: path, columns });
  return (await collectRows<unknown>(task.rows)) as LabelledRow[];
}

describe("labelled rows", () => {
  test("come from JSON Lines, blank lines and other columns aside", async () => {
    expect(await read("rows.jsonl", '\ufeff{"text":"a cat","label":"animal","id":1}\n\n{"text":"an oak","label":7}\r\n')).toEqual([
      { text: "a cat", label: "animal" },
      { text: "an oak", label: "7" },
    ]);
  });

  test("come from CSV with quoted commas and line breaks, and from TSV", async () => {
    expect(await read("rows.csv", 'label,text\nanimal,"a ""big"", old\ncat"\nplant,oak\n')).toEqual([
      { text: 'a "big", old\ncat', label: "animal" },
      { text: "oak", label: "plant" },
    ]);
    expect(await read("rows.tsv", "text\tlabel\na cat, here\tanimal\n")).toEqual([{ text: "a cat, here", label: "animal" }]);
  });

  test("have the columns that are asked for, a second text included", async () => {
    expect(
      await read("pairs.jsonl", '{"premise":"it rains","hypothesis":"it is wet","gold":"yes"}\n', {
        text: "premise",
        pair: "hypothesis",
        label: "gold",
      }),
    ).toEqual([{ text: "it rains", pair: "it is wet", label: "yes" }]);
  });

  test.for<[string, string | Uint8Array, number, string]>([
    ["missing.jsonl", '{"text":"a","label":"x"}\n{"text":"b"}\n', 2, 'it has no "label"'],
    ["empty.jsonl", '{"text":"a","label":"x"}\n\n{"text":"b","label":" "}\n', 3, 'its "label" is empty'],
    ["null.jsonl", '{"text":null,"label":"x"}\n', 1, 'it has no "text"'],
    ["broken.jsonl", '{"text":"a","label":"x"}\n{"text":\n', 2, "it is no JSON"],
    ["list.jsonl", "[1]\n", 1, "it is no JSON object"],
    ["missing.csv", "text,label\na,x\nb\n", 3, 'it has no "label"'],
    ["quotes.csv", 'text,label\na,x\n"b" c,y\n', 3, ""],
    [
      "latin1.jsonl",
      Uint8Array.from([...new TextEncoder().encode('{"text":"'), 0xe9, ...new TextEncoder().encode('","label":"x"}\n')]),
      0,
      "no UTF-8",
    ],
  ])("say which line is broken: %s", async ([name, content, line, why]) => {
    const error = await read(name, content).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "DATA_INVALID", message: expect.stringContaining(name) });
    expect((error as Error).message).toContain(why);
    if (line > 0) expect(error).toMatchObject({ message: expect.stringContaining(`line ${line} `), detail: { line } });
  });

  test("are refused when the file is missing, and when its format is unknown", async () => {
    await expect(read("rows.xlsx", "x")).rejects.toMatchObject({ code: "USAGE" });
    await expect(readRows({ task: "text-classification", data: join(folder, "absent.jsonl") })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});

test("plain lines are rows of masked-language modelling, with the digest of their file", async () => {
  const path = join(folder, "lines.txt");
  await writeFile(path, "one line\r\n\nanother\nlast without an end");
  const { task, data } = await readRows({ task: "masked-language-modelling", data: path });
  expect(await collectRows<unknown>(task.rows)).toEqual(["one line", "another", "last without an end"]);
  expect(data.rows).toMatch(/^sha256:/);
});
