import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBase } from "@graft/architectures/node";
import { type Manifest, openAdapter } from "@graft/format";
import { importPeftFolder, load, writePeftFolder } from "@graft/loader/node";
import { type Exports, minilmExports } from "../../../../test/exports.ts";
import { referee } from "../../../../test/referee.ts";
import { RefereeSession } from "../../../../test/referee-session.ts";
import { BASES, CASES, type PeftCase, REAL_CASES, TIED_CASES } from "./cases.ts";

interface Answer {
  readonly attached: number[][];
  readonly merged: number[][];
  readonly plain: number[][];
}

const ROWS = [
  [1, 5, 7, 2],
  [3, 9, 11, 40, 41, 8],
];
const WRITER = { name: "test", version: "1.0.0" };

function difference(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): number {
  expect(one.map(({ length }) => length)).toEqual(other.map(({ length }) => length));
  return Math.max(...one.flatMap((row, index) => row.map((value, column) => Math.abs(value - (other[index]?.[column] ?? Number.NaN)))));
}

/** What Graft gives for each row alone. */
async function graft(
  base: string,
  { adapter, mode, rows = ROWS }: { adapter: Uint8Array; mode: "attach" | "merge"; rows?: readonly number[][] },
): Promise<number[][]> {
  await using model = await load(base, { adapters: [adapter], mode, threads: 1 });
  const answers = await model.run(
    rows.map((ids) => ({ ids })),
    { batchSize: 1 },
  );
  return answers.map(({ logits }) => [...logits]);
}

describe.skipIf(referee === undefined)("PEFT both ways", () => {
  let home: string;
  let python: RefereeSession;
  const baseFolder = (one: PeftCase): string => join(home, one.base);
  const request = (one: PeftCase): Record<string, unknown> => {
    const { class: name, labels } = BASES[one.base];
    return { base: baseFolder(one), class: one.class ?? name, rows: ROWS, ...(labels === undefined ? {} : { labels }) };
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "graft-peft-"));
    python = new RefereeSession("peft_adapters.py");
    for (const [name, { class: of, config, labels }] of Object.entries(BASES))
      await python.ask({
        do: "base",
        folder: join(home, name),
        class: of,
        config: { ...config, ...(labels === undefined ? {} : { num_labels: labels }) },
      });
  });
  afterAll(async () => {
    python.close();
    await rm(home, { recursive: true });
  });

  test.each(CASES)("$name", async (one) => {
    const theirs = join(home, `${one.name}-peft`);
    const answer = await python.ask<Answer>({ do: "adapt", ...request(one), folder: theirs, type: one.type, config: one.config });
    // An adapter that does nothing would prove nothing.
    expect(difference(answer.attached, answer.plain)).toBeGreaterThan(0.01);

    const { bytes, manifest } = await importPeftFolder(theirs, { base: await openBase(baseFolder(one)), writer: WRITER });
    expect(difference(await graft(baseFolder(one), { adapter: bytes, mode: "merge" }), answer.attached)).toBeLessThan(2e-4);
    if (!manifest.tensors.some(({ role }) => role === "replacement"))
      expect(difference(await graft(baseFolder(one), { adapter: bytes, mode: "attach" }), answer.attached)).toBeLessThan(2e-4);

    const ours = join(home, `${one.name}-graft`);
    await writePeftFolder(await openAdapter(bytes), ours);
    const again = await python.ask<Answer>({ do: "answer", ...request(one), folder: ours });
    expect(difference(again.attached, answer.attached)).toBeLessThan(2e-4);
    if (one.mergesOtherwise === undefined) expect(difference(again.merged, answer.attached)).toBeLessThan(2e-4);
    const back = await importPeftFolder(ours, { base: await openBase(baseFolder(one)), writer: WRITER });
    const sorted = ({ targets }: Manifest): Manifest["targets"] => targets.toSorted((left, right) => (left.module < right.module ? -1 : 1));
    expect(sorted(back.manifest)).toEqual(sorted(manifest));
  });

  test.each(TIED_CASES)("tied weights: $name", async (one) => {
    const theirs = join(home, `${one.name}-tied`);
    const answer = await python.ask<Answer>({ do: "adapt", ...request(one), folder: theirs, config: one.config });
    const importing = importPeftFolder(theirs, { base: await openBase(baseFolder(one)), writer: WRITER });
    if (one.refused !== undefined) {
      await expect(importing).rejects.toMatchObject({ code: "CONVERT_UNSUPPORTED", message: expect.stringMatching(one.refused) });
      return;
    }
    const { bytes } = await importing;
    expect(difference(await graft(baseFolder(one), { adapter: bytes, mode: "merge" }), answer.attached)).toBeLessThan(2e-4);
    await expect(writePeftFolder(await openAdapter(bytes), join(home, "refused"))).rejects.toMatchObject({ code: "CONVERT_UNSUPPORTED" });
  });

  describe("on all-MiniLM-L6-v2, whatever form it is held in", () => {
    const rows = [
      [101, 7592, 2088, 102],
      [101, 1996, 4248, 2829, 4419, 14523, 102],
    ];
    const made: { config: (typeof REAL_CASES)[number]; folder: string; answer: Answer }[] = [];
    let exports: Exports;

    beforeAll(async () => {
      exports = minilmExports() as Exports;
      for (const [index, one] of REAL_CASES.entries()) {
        const folder = join(home, `minilm-${index}`);
        const labels = one.class === "BertForSequenceClassification" ? { labels: 3 } : {};
        const asked = {
          do: "adapt",
          base: exports.checkpoint,
          class: one.class,
          rows,
          folder,
          type: one.type,
          config: one.config,
          size: 0.02,
        };
        made.push({ config: one, folder, answer: await python.ask<Answer>({ ...asked, ...labels }) });
      }
    });

    // Every adapter once in each way would take a minute: each form has two, each mode three.
    test.each([
      ["checkpoint", 3, "attach"],
      ["checkpoint", 2, "merge"],
      ["legacy", 0, "attach"],
      ["legacy", 3, "merge"],
      ["dynamo", 1, "attach"],
      ["dynamo", 0, "merge"],
    ] as const)("as %s: adapter %i, %s", async (form, index, mode) => {
      const { config, folder, answer } = made[index] as (typeof made)[number];
      // A bare export has no pooler, which the classifier's head starts with: the checkpoint has.
      const from = config.class === "BertForSequenceClassification" ? exports.checkpoint : exports[form];
      const { bytes } = await importPeftFolder(folder, { base: await openBase(from), writer: WRITER });
      expect(difference(await graft(exports[form], { adapter: bytes, mode, rows }), answer.attached)).toBeLessThan(2e-4);
    });

    test("a classifier whose pooler the export lacks is refused with the reason", async () => {
      const { folder } = made.find(({ config }) => config.class === "BertForSequenceClassification") as (typeof made)[number];
      await expect(importPeftFolder(folder, { base: await openBase(exports.legacy), writer: WRITER })).rejects.toMatchObject({
        code: "CONVERT_UNSUPPORTED",
        message: expect.stringContaining("bert.pooler.dense.weight"),
        hint: expect.stringContaining("checkpoint"),
      });
    });
  });
});
