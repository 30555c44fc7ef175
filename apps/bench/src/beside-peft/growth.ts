import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTable } from "@graft/terminal";
import type { MeasurementOptions } from "../measurement.ts";
import { median } from "../statistics.ts";
import { THREADS } from "./contender.ts";
import { fitPolynomial } from "./fit.ts";
import { measureStep, type StepOptions } from "./measure-step.ts";
import { findPeer, type Peer } from "./peer.ts";
import { type Panel, plotPanels } from "./plot.ts";

/** One size that grows while the others stay. */
interface Axis {
  readonly name: string;
  readonly of: "rows" | "length" | "rank" | "layers";
  readonly sizes: readonly number[];
  /** What the theory says of a step: operations in powers of the size. */
  readonly degree: 1 | 2;
  readonly theory: string;
}

const STEP: StepOptions = { kind: "lora", rows: 8, length: 64, rank: 8, dropout: 0, steps: 10, warmup: 3 };
const AXES: readonly Axis[] = [
  { name: "rows of 64 tokens", of: "rows", sizes: [1, 2, 4, 8, 16, 32], degree: 1, theory: "linear" },
  { name: "tokens in each of 8 rows", of: "length", sizes: [16, 32, 64, 128, 256], degree: 2, theory: "linear, and attention's square" },
  { name: "rank", of: "rank", sizes: [1, 4, 16, 64, 128], degree: 1, theory: "linear over what the base costs" },
  { name: "layers", of: "layers", sizes: [1, 2, 3, 4, 5, 6], degree: 1, theory: "linear" },
];

/** Prints how a LoRA step grows with rows, length, rank and layers, the growth that fits, and draws it as growth.svg into the output folder. */
export async function measureGrowth(options: MeasurementOptions): Promise<void> {
  const peer = findPeer(options);
  const panels: Panel[] = [];
  process.stdout.write(
    `${peer.checkpoint}, LoRA on query and value, ${STEP.rows} × ${STEP.length} tokens, r ${STEP.rank}, ${THREADS} threads, where not said otherwise\n`,
  );
  for (const axis of AXES) {
    const points: { size: number; milliseconds: number; megabytes: number }[] = [];
    for (const size of axis.sizes) {
      const { milliseconds, peak } = await measureStep("Graft", {
        ...STEP,
        ...(axis.of === "layers" ? {} : { [axis.of]: size }),
        peer: axis.of === "layers" ? await withLayers(peer, size) : peer,
      });
      points.push({ size, milliseconds: median(milliseconds), megabytes: peak / 1e6 });
    }
    const fit = fitPolynomial(
      points.map(({ size, milliseconds }) => [size, milliseconds]),
      axis.degree,
    );
    const cells = (of: (point: (typeof points)[number]) => number): string[] => points.map((point) => of(point).toFixed(0));
    process.stdout.write(
      `\n${formatTable([
        [axis.name, ...axis.sizes.map(String)],
        ["ms", ...cells(({ milliseconds }) => milliseconds)],
        ["peak MB", ...cells(({ megabytes }) => megabytes)],
      ]).join("\n")}\n`,
    );
    process.stdout.write(`fits ${fit.text} ms, off by at most ${(100 * fit.worst).toFixed(0)} %; theory: ${axis.theory}\n`);
    panels.push({ title: axis.name, points: points.map(({ size, milliseconds }) => [size, milliseconds]), curve: fit.at });
  }
  const file = join(options.output ?? ".", "growth.svg");
  await writeFile(file, plotPanels(panels, "milliseconds"));
  process.stdout.write(`\nDrawn in ${file}\n`);
}

/** The same checkpoint with fewer layers: another config.json beside links to its files. */
async function withLayers(peer: Peer, layers: number): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), "graft-layers-"));
  process.once("exit", () => void rm(folder, { recursive: true, force: true }));
  const config = JSON.parse(await readFile(join(peer.checkpoint, "config.json"), "utf8")) as object;
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, num_hidden_layers: layers }));
  for (const name of ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
    await symlink(await realpath(join(peer.checkpoint, name)), join(folder, name));
  return { ...peer, checkpoint: folder };
}
