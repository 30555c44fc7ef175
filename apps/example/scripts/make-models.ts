import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeModels } from "./train-models.ts";

/** Trains the three adapters and writes them with their base into public/models: npm run models, --rows for how many rows each sees. */
const { values } = parseArgs({ options: { rows: { type: "string", default: "1200" }, output: { type: "string" } } });
const work = await mkdtemp(join(tmpdir(), "graft-example-"));
try {
  const output = values.output ?? join(import.meta.dirname, "../public/models");
  const { size, bundle } = await makeModels({ work, output, rows: Number(values.rows), say: (text) => process.stderr.write(`${text}\n`) });
  process.stdout.write(`Wrote ${output}: ${Object.keys(bundle.adapters).join(", ")}, ${(size / 1e6).toFixed(1)} MB\n`);
} finally {
  await rm(work, { recursive: true, force: true });
}
