import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { fileMemory, load, type LoadedModel, type Row } from "@graft/loader/node";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import type { MeasurementOptions } from "../measurement.ts";
import { median, quantile } from "../statistics.ts";
import { adapterMaker } from "./make-adapter.ts";
import { latencyPicture } from "./latency-picture.ts";

/** Batch and length: those of the table of targets, and the three of the paper's table 1. */
const SHAPES = [
  [1, 32],
  [1, 128],
  [16, 128],
] as const;
const RUNS = 15;
const SWITCHES = 1000;
const MANY = 50;

/** Prints what loading, merging, attaching, switching and mixing cost on a base, side by side in one process. */
export async function compareLoader({ base: path = TINY_ENGLISH_FOLDER, output }: MeasurementOptions): Promise<void> {
  const base = await openBase(path);
  const make = await adapterMaker(base);
  const folder = await mkdtemp(join(tmpdir(), "graft-loader-"));
  const lora = { name: "lora", rank: 8 } as const;
  const file = join(folder, "adapter.safetensors");
  await writeFile(file, await make(lora, 1));
  await opening(path, { file, memory: fileMemory(join(folder, "bases")) });
  const [first, other] = [await make(lora, 1), await make({ name: "lora", rank: 4 }, 2)];
  const bottlenecks = await Promise.all((["H", "L"] as const).map((variant, index) => make({ name: "bottleneck", variant }, 90 + index)));
  await latencies(path, { adapter: first, bottlenecks, output });
  await switching(path, [first, other]);
  const eight = await Promise.all(Array.from({ length: 8 }, (_, index) => make(lora, 10 + index)));
  await mixing(path, eight);
  await keeping(path, (seed) => make(lora, 100 + seed));
}

function rowsOf(batch: number, length: number): Row[] {
  return Array.from({ length: batch }, (_, row) => ({ ids: Array.from({ length }, (__, place) => 1000 + ((row * 31 + place * 7) % 500)) }));
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function print(name: string, ...figures: readonly string[]): void {
  process.stdout.write(`${name.padEnd(44)} ${figures.join("  ")}\n`);
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const mb = (value: number): string => `${(value / 2 ** 20).toFixed(1)} MB`;

async function opening(path: string, { file, memory }: { file: string; memory: ReturnType<typeof fileMemory> }): Promise<void> {
  const [alone, merged]: [number[], number[]] = [[], []];
  for (let round = 0; round < RUNS; round++) {
    let model: LoadedModel | undefined;
    alone.push(await milliseconds(async () => (model = await load(path, { adapters: [], mode: "merge", memory }))));
    await model?.close();
    merged.push(await milliseconds(async () => (model = await load(path, { adapters: [file], mode: "merge", memory }))));
    await model?.close();
  }
  // The first of each meets cold code and a base that nobody has looked at.
  const [one, two] = [median(alone.slice(1)), median(merged.slice(1))];
  print("opening the base alone", ms(one));
  print("opening with a merged adapter", ms(two), `ratio ${(two / one).toFixed(3)}`);
}

async function latencies(
  path: string,
  { adapter, bottlenecks, output }: { adapter: Uint8Array; bottlenecks: readonly Uint8Array[]; output: string | undefined },
): Promise<void> {
  await using merged = await load(path, { adapters: [adapter], mode: "merge" });
  await using attached = await load(path, { adapters: [adapter, ...bottlenecks] });
  const [, high, low] = attached.adapters;
  const contenders: readonly (readonly [string, (rows: readonly Row[]) => Promise<unknown>])[] = [
    ["base", (rows) => merged.run(rows, { adapter: null })],
    ["LoRA merged", (rows) => merged.run(rows)],
    ["LoRA attached", (rows) => attached.run(rows)],
    ["Adapter H", (rows) => attached.run(rows, { adapter: high?.name ?? "" })],
    ["Adapter L", (rows) => attached.run(rows, { adapter: low?.name ?? "" })],
  ];
  const table: { shape: string; values: readonly (readonly [string, number])[] }[] = [];
  for (const [batch, length] of SHAPES) {
    const rows = rowsOf(batch, length);
    const times = contenders.map((): number[] => []);
    for (let round = 0; round < RUNS + 3; round++)
      for (const [index, [, run]] of contenders.entries()) {
        // Whoever ran before left the caches to somebody else.
        await run(rows);
        times[index]?.push(await milliseconds(() => run(rows)));
      }
    const values = contenders.map(([name], index) => [name, median(times[index]?.slice(3) ?? [])] as const);
    table.push({ shape: `${batch} x ${length}`, values });
    const whole = values[0]?.[1] ?? 1;
    for (const [index, [name, value]] of values.entries())
      print(
        `${batch} x ${length}, ${name}`,
        ms(value),
        `p99 ${ms(quantile(times[index]?.slice(3) ?? [], 0.99))}`,
        `${(value / whole).toFixed(3)}`,
      );
  }
  if (output !== undefined) await writeFile(join(output, "latency.svg"), latencyPicture(table));
}

async function switching(path: string, adapters: readonly Uint8Array[]): Promise<void> {
  await using model = await load(path, { adapters });
  const names = model.adapters.map(({ name }) => name);
  const rows = rowsOf(1, 8);
  const before = (await model.run(rows))[0]?.logits ?? new Float32Array();
  const plain: number[] = [];
  for (let run = 0; run < 200; run++) plain.push(await milliseconds(() => model.run(rows)));
  const usual = median(plain);
  const taken: number[] = [];
  const memory: number[] = [];
  let same = true;
  for (let count = 0; count < SWITCHES; count++) {
    model.switch(names[(count + 1) % 2] ?? "");
    let answer = before;
    taken.push((await milliseconds(async () => (answer = (await model.run(rows))[0]?.logits ?? answer))) - usual);
    if (count % 2 === 1) same &&= answer.every((value, index) => value === before[index]);
    if (count % 250 === 249) memory.push(process.memoryUsage.rss());
  }
  print("switch (a run after one, less a usual run)", `p50 ${ms(quantile(taken, 0.5))}`, `p99 ${ms(quantile(taken, 0.99))}`);
  print(`memory after 250, 500, 750, ${SWITCHES} switches`, ...memory.map(mb), same ? "A, B, A bit-equal" : "A, B, A DIFFERS");
}

async function mixing(path: string, adapters: readonly Uint8Array[]): Promise<void> {
  await using model = await load(path, { adapters });
  const names = model.adapters.map(({ name }) => name);
  const rows = rowsOf(8, 128);
  const [one, mixed]: [number[], number[]] = [[], []];
  for (let round = 0; round < RUNS + 3; round++) {
    await model.run(rows);
    one.push(await milliseconds(() => model.run(rows)));
    await model.run(rows, { adapters: names });
    mixed.push(await milliseconds(() => model.run(rows, { adapters: names })));
  }
  const [alone, together] = [median(one.slice(3)), median(mixed.slice(3))];
  print("8 x 128, one adapter", ms(alone));
  print("8 x 128, 8 adapters", ms(together), `ratio ${(together / alone).toFixed(3)}`);
}

async function keeping(path: string, make: (seed: number) => Promise<Uint8Array>): Promise<void> {
  const collect = (): void => (globalThis as { gc?: () => void }).gc?.();
  const files = await Promise.all(Array.from({ length: MANY }, (_, seed) => make(seed)));
  const folder = await mkdtemp(join(tmpdir(), "graft-loader-"));
  const paths = files.map((_, index) => join(folder, `${index}.safetensors`));
  for (const [index, bytes] of files.entries()) await writeFile(paths[index] ?? "", bytes);
  const own = files.reduce((sum, { length }) => sum + length, 0);
  files.length = 0;
  const measure = async (adapters: readonly string[]): Promise<number> => {
    const model = await load(path, { adapters });
    for (let run = 0; run < 5; run++) await model.run(rowsOf(1, 32));
    collect();
    const resident = process.memoryUsage.rss();
    await model.close();
    return resident;
  };
  collect();
  const before = process.memoryUsage.rss();
  const single = await measure(paths.slice(0, 1));
  collect();
  const after = process.memoryUsage.rss();
  const many = await measure(paths);
  print(
    `memory with 1 and with ${MANY} adapters`,
    mb(single),
    mb(many),
    `adapters' own bytes ${mb(own)}`,
    `ratio ${(many / (single + own)).toFixed(3)}`,
  );
  print("memory before, and after dispose", mb(before), mb(after));
}
