import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildScripts } from "../src/from-source/build-scripts.ts";

/** Writes the bundled scripts into the built package: run after the compiler, before packing. */
const folder = join(import.meta.dirname, "..", "dist", "bundle");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, { body }] of await buildScripts()) writeFileSync(join(folder, name), body);
