import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRegistry } from "@graft/registry";
import type { BlobStore, MetadataStore } from "@graft/storage";
import { openFileBlobStore, openPostgresStore, openSqliteStore } from "@graft/storage/node";
import { createSecretKey, openSigningKey } from "@graft/trust";
import type { MeasurementOptions } from "../measurement.ts";
import { quantile } from "../statistics.ts";
import { fill } from "./fill.ts";
import { plotScale, type ScalePoint } from "./plot-scale.ts";
import { questionsOf, type Question } from "./questions.ts";
import { randomOf } from "./vocabulary.ts";

const SIZES = [10_000, 100_000];
/** Requests of each kind, after as many tenths that warm up. */
const REQUESTS = 300;

/**
 * Fills registries of growing size, ten versions to an adapter, and measures what each kind of question costs: the registry's own app,
 * without the network. SQLite in a folder, or PostgreSQL by `--database`, whose tables must be empty. `--sizes 1000000` for the million.
 */
export async function measureScale({ sizes, database, output, keep }: MeasurementOptions): Promise<void> {
  const points: ScalePoint[] = [];
  for (const size of sizes ?? SIZES) {
    const folder = keep ?? (await mkdtemp(join(tmpdir(), "graft-scale-")));
    const address = database ?? join(folder, `registry-${size}.sqlite`);
    try {
      await filled(address, size);
      const metadata = database === undefined ? await openSqliteStore(address) : await openPostgresStore(address);
      points.push(...(await measure({ metadata, blobs: await openFileBlobStore(join(folder, "blobs")), size })));
      await metadata.close();
      if (database === undefined) say(`the file has ${((await stat(address)).size / 2 ** 20).toFixed(0)} MiB`);
    } finally {
      if (keep === undefined) await rm(folder, { recursive: true });
    }
  }
  if (output !== undefined) {
    await writeFile(join(output, "registry-scale.svg"), plotScale(points));
    say(`plot in ${join(output, "registry-scale.svg")}`);
  }
}

/** Fills a database that holds nothing yet; one that an earlier run filled is taken as it is. */
async function filled(address: string, size: number): Promise<void> {
  let shown = 0;
  const onProgress = (done: number): void => {
    if (done - shown < size / 10) return;
    shown = done;
    say(`  ${done} of ${size} adapters`);
  };
  const seconds = await fill(address, { adapters: size, onProgress });
  say(
    seconds === undefined ? `${size} adapters are there` : `${size} adapters and ${size * 10} versions filled in ${seconds.toFixed(0)} s`,
  );
}

async function measure({ metadata, blobs, size }: { metadata: MetadataStore; blobs: BlobStore; size: number }): Promise<ScalePoint[]> {
  const key = await openSigningKey(await createSecretKey());
  const app = createRegistry({ metadata, blobs, key, keyCreatedAt: new Date().toISOString() });
  const ask = async ({ path, body }: Question): Promise<number> => {
    const started = performance.now();
    const init = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await app.request(path, init);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return performance.now() - started;
  };
  const points: ScalePoint[] = [];
  for (const [kind, question] of Object.entries(questionsOf(size))) {
    const random = randomOf(4_711);
    const times: number[] = [];
    let before = process.cpuUsage();
    for (let index = -REQUESTS / 10; index < REQUESTS; index++) {
      if (index === 0) before = process.cpuUsage();
      const time = await ask(question(random));
      if (index >= 0) times.push(time);
    }
    // Of all threads, and of no other process: what is left of a figure on a machine that others use.
    const { user, system } = process.cpuUsage(before);
    const cpu = (user + system) / 1000 / REQUESTS;
    const [median, worst] = [quantile(times, 0.5), quantile(times, 0.99)];
    say(
      `${String(size).padStart(8)}  ${kind.padEnd(30)} p50 ${median.toFixed(2).padStart(7)} ms  p99 ${worst.toFixed(2).padStart(7)} ms  CPU ${cpu.toFixed(2).padStart(6)} ms`,
    );
    points.push({ kind, size, median, worst });
  }
  return points;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
