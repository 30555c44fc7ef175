import { expect, test } from "vitest";
import { attachGraph, load, mergeGraph } from "@graft/loader/node";
import { padBatch } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const IDS = [
  [1, 5, 7, 2],
  [3, 9, 4, 6],
];
const rows = padBatch(
  IDS.map((ids) => ({ ids, typeIds: ids.map(() => 0) })),
  { padId: 0 },
);

test("who has a session of his own gets the graph and the feeds, for one adapter, for none, and for each row", async () => {
  const base = await tinyBase();
  const named = (name: string): { name: string; version: string } => ({ name: `@test/${name}`, version: "1.0.0" });
  const adapters = [
    await randomAdapter(base, { changes: named("one") }),
    await randomAdapter(base, { seed: 2, method: { name: "lora", rank: 3 }, changes: named("two") }),
  ];
  const graph = await attachGraph(base, { adapters });
  expect(graph.adapters.map(({ name, fit }) => [name, fit])).toEqual([
    ["@test/one", "file"],
    ["@test/two", "file"],
  ]);
  const session = await openSession(graph.model, { folder: graph.folder, threads: 1 });
  await using model = await load(base, { adapters, threads: 1 });
  const run = async (feeds: ReturnType<typeof graph.feeds>, adapter: string | null): Promise<Float32Array> => {
    const output = graph.outputOf(adapter);
    return (await session.run({ ...rows, ...feeds }, { fetches: [output] }))[output]?.data as Float32Array;
  };
  for (const adapter of ["@test/one", "@test/two", null]) {
    const expected = await model.run(
      IDS.map((ids) => ({ ids })),
      { adapter },
    );
    expect(await run(graph.feeds(adapter), adapter)).toEqual(Float32Array.from(expected.flatMap(({ logits }) => [...logits])));
  }
  const mixed = await model.run(
    IDS.map((ids) => ({ ids })),
    { adapters: ["@test/two", "@test/one"] },
  );
  expect(await run(graph.feedsByRow(["@test/two", "@test/one"]), "@test/one")).toEqual(
    Float32Array.from(mixed.flatMap(({ logits }) => [...logits])),
  );
  await session.close();

  const merged = await mergeGraph(base, { adapter: adapters[0] as Uint8Array });
  const own = await openSession(merged.model, { folder: merged.folder, threads: 1 });
  await using whole = await load(base, { adapters: [adapters[0] as Uint8Array], mode: "merge", threads: 1 });
  const expected = await whole.run(IDS.map((ids) => ({ ids })));
  const { [merged.output]: output } = await own.run(rows, { fetches: [merged.output] });
  expect(output?.data).toEqual(Float32Array.from(expected.flatMap(({ logits }) => [...logits])));
  await own.close();
});

test("adapters that change a graph in different ways are not put into one", async () => {
  const base = await tinyBase();
  const adapters = [await randomAdapter(base), await randomAdapter(base, { method: { name: "bottleneck" } })];
  await expect(attachGraph(base, { adapters })).rejects.toMatchObject({ code: "USAGE" });
});
