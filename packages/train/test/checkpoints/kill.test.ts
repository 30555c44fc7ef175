import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TrainFileOptions } from "@graft/train/node";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tinyFiles } from "./tiny-files.ts";

const CHILD = fileURLToPath(new URL("run-child.ts", import.meta.url));
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-kill-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** When a process is killed: so many milliseconds after it has told so many events, 0 being its start. */
interface Kill {
  readonly events: number;
  readonly after: number;
}

/** Runs a process until it ends or is killed. */
function run(options: TrainFileOptions, kill?: Kill): Promise<{ killed: boolean }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@graft/source", CHILD, JSON.stringify(options)]);
    let [stderr, events] = ["", 0];
    const perhaps = (): void => {
      if (kill !== undefined && events >= kill.events) setTimeout(() => child.kill("SIGKILL"), kill.after);
    };
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      events += chunk.toString().split("\n").length - 1;
      perhaps();
    });
    perhaps();
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") reject(new Error(stderr));
      resolve({ killed: signal === "SIGKILL" });
    });
  });
}

/** Many more than these have been tried by hand: GRAFT_KILLS=40 pnpm exec vitest run kill. */
const KILLS = Number(process.env["GRAFT_KILLS"] ?? 2);

test.each([1, 2])("a run that is killed at any moment and gone on with gives the same bytes (%i)", async (seed) => {
  const options = await tinyFiles(folder, {
    accumulation: seed,
    batchSize: 8 / seed,
    // What is dropped out is drawn anew from the seed and the step.
    ...(seed === 2 ? { microBatchSize: 2, method: { name: "lora", rank: 2, dropout: 0.2 } } : {}),
  });
  await run({ ...options, output: join(folder, "whole.safetensors") });
  const random = xoroshiro128plus(seed);
  const kept = join(folder, "kept");
  const killed = { ...options, output: join(folder, "killed.safetensors"), checkpointEvery: { steps: 1 } };
  let done = false;
  for (let start = 0; !done; start++) {
    const begun = await stat(kept).catch(() => undefined);
    const early = start % 2 === 0;
    const kill = { events: early ? 0 : uniformInt(random, 1, 12), after: uniformInt(random, 0, early ? 1500 : 30) };
    const where = begun === undefined ? { checkpoint: kept } : { resume: kept };
    done = !(await run({ ...killed, ...where }, start < KILLS ? kill : undefined)).killed;
  }
  expect(await readFile(join(folder, "killed.safetensors"))).toEqual(await readFile(join(folder, "whole.safetensors")));
  expect((await readdir(kept)).every((name) => /^step-\d{8}\.safetensors$/.test(name))).toBe(true);
});
