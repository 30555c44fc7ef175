import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectRows } from "@graft/train";
import { readInputs, readRows } from "@graft/train/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-glue-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A header and a row as GLUE's files have them, and what is read of the row. Quotes stand alone in these files. */
const LAYOUTS: readonly (readonly [task: string, header: string, row: string, wanted: unknown])[] = [
  [
    "CoLA",
    "source\tlabel\toriginal_label\tsentence",
    "gj04\t1\t*\tOur \"friends won't buy this.",
    { text: "Our \"friends won't buy this.", label: "1" },
  ],
  ["SST-2", "sentence\tlabel", "hide new secretions \t0", { text: "hide new secretions ", label: "0" }],
  [
    "MRPC",
    "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String",
    '1\t70\t71\tAmrozi "the witness\tReferring to him',
    { text: 'Amrozi "the witness', pair: "Referring to him", label: "1" },
  ],
  [
    "STS-B",
    "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore",
    "0\tmain-captions\tMSRvid\t2012test\t0001\tnone\tnone\tA plane is taking off.\tAn air plane is.\t5.000",
    { text: "A plane is taking off.", pair: "An air plane is.", score: [5] },
  ],
  ["QQP", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "1\t2\t3\tHow?\tWhy?\t0", { text: "How?", pair: "Why?", label: "0" }],
  [
    "MNLI",
    "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label",
    "0\t31\t31n\tgov\t( a )\t( b )\t(ROOT a)\t(ROOT b)\tConceptually cream\tProduct and geography\tneutral\tneutral",
    { text: "Conceptually cream", pair: "Product and geography", label: "neutral" },
  ],
  ["QNLI", "index\tquestion\tsentence\tlabel", "0\tWhen?\tIn 1990.\tentailment", { text: "When?", pair: "In 1990.", label: "entailment" }],
  [
    "RTE",
    "index\tsentence1\tsentence2\tlabel",
    "0\tNo weapons\tWeapons\tnot_entailment",
    { text: "No weapons", pair: "Weapons", label: "not_entailment" },
  ],
  [
    "WNLI",
    "index\tsentence1\tsentence2\tlabel",
    "0\tI stuck a pin\tThe carrot\t1",
    { text: "I stuck a pin", pair: "The carrot", label: "1" },
  ],
];

describe("GLUE's files as they are", () => {
  test.for(LAYOUTS)("%s, with a header and without", async ([name, header, row, wanted]) => {
    const task = name === "STS-B" ? "regression" : "text-classification";
    const glue = join(folder, name);
    await mkdir(glue, { recursive: true });
    for (const content of [`${header}\n${row}\n`, `${row.replace("\ufeff", "")}\n`]) {
      await writeFile(join(glue, "train.tsv"), content);
      await writeFile(join(glue, name === "MNLI" ? "dev_matched.tsv" : "dev.tsv"), content);
      const source = { task, data: glue, columns: { text: "text", label: "label" } } as const;
      const { task: read } = await readRows({ ...source, evaluation: glue });
      expect(await collectRows<unknown>(read.rows)).toEqual([wanted]);
      expect(await collectRows<unknown>(read.evaluation ?? [])).toEqual([wanted]);
      expect(await collectRows<unknown>((await readRows({ ...source, data: join(glue, "train.tsv") })).task.rows)).toEqual([wanted]);
    }
  });

  test("a test file without labels is something to predict", async () => {
    const glue = join(folder, "rte");
    await mkdir(glue, { recursive: true });
    await writeFile(join(glue, "test.tsv"), "index\tsentence1\tsentence2\n0\tone\ttwo\n");
    const inputs = await readInputs({ task: "text-classification", data: join(glue, "test.tsv") });
    expect(await collectRows(inputs)).toEqual([{ text: "one", pair: "two" }]);
  });

  test("a folder without the split says so", async () => {
    await mkdir(join(folder, "cola"), { recursive: true });
    await expect(readRows({ task: "text-classification", data: join(folder, "cola") })).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: expect.stringContaining("it has no train.tsv"),
    });
  });
});
