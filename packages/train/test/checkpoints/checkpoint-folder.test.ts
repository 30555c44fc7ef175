import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileSource } from "@graft/safetensors/node";
import { decodeCheckpoint, type TrainEvent } from "@graft/train";
import { trainFromFiles, type TrainFileOptions } from "@graft/train/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyFiles } from "./tiny-files.ts";

let folder = "";
let kept = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-checkpoints-"));
  kept = join(folder, "kept");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Trains and gives the events; `stop` cancels after a step. */
async function run(options: Partial<TrainFileOptions>, stop?: number): Promise<TrainEvent[]> {
  const controller = new AbortController();
  const events: TrainEvent[] = [];
  for await (const event of trainFromFiles({ ...(await tinyFiles(folder, options)), signal: controller.signal })) {
    events.push(event);
    if (event.type === "step" && event.step === stop) controller.abort();
  }
  return events;
}

/** A run that was cancelled after some steps, its state kept. */
async function interrupted(options: Partial<TrainFileOptions> = {}, stop = 5): Promise<void> {
  await expect(run({ checkpoint: kept, ...options }, stop)).rejects.toMatchObject({ code: "CANCELLED" });
}

const files = async (): Promise<string[]> => (await readdir(kept)).toSorted();

describe("checkpoints of a run", () => {
  test("are written every so many steps, and the newest are kept", async () => {
    const events = await run({ checkpoint: kept, checkpointEvery: { steps: 3 }, keepCheckpoints: 3 });
    const steps = events.flatMap((event) => (event.type === "checkpoint" ? [event.step] : []));
    expect(steps).toEqual([3, 6, 9, 12, 15, 18, 21]);
    expect(await files()).toEqual([15, 18, 21].map((step) => `step-000000${step}.safetensors`));
  });

  test("are written after each epoch without a wish", async () => {
    const events = await run({ checkpoint: kept });
    expect(events.flatMap((event) => (event.type === "checkpoint" ? [event.step] : []))).toEqual([8, 16]);
  });

  test("go on where they were written, and say so", async () => {
    await interrupted();
    const events = await run({ resume: kept });
    expect(events[0]).toMatchObject({ type: "start", begun: 5, steps: 24 });
    expect(events[1]).toMatchObject({ type: "step", step: 6, epoch: 1 });
  });

  test("are written when a run is cancelled, which says where", async () => {
    await expect(run({ checkpoint: kept }, 5)).rejects.toMatchObject({
      code: "CANCELLED",
      hint: `The state after step 5 is kept in "${join(kept, "step-00000005.safetensors")}"`,
      detail: { checkpoint: join(kept, "step-00000005.safetensors"), checkpointStep: 5 },
    });
    expect(await files()).toEqual(["step-00000005.safetensors"]);
  });

  test("keep the evaluation that was due when a run was cancelled for later", async () => {
    const whole = await run({});
    await interrupted({}, 8);
    const rest = await run({ resume: kept });
    expect(rest[1]).toMatchObject({ type: "evaluation", step: 8 });
    const evaluations = (events: TrainEvent[]) => events.filter(({ type }) => type === "evaluation");
    expect(evaluations(rest)).toEqual(evaluations(whole));
  });

  test("keep the last good one when the loss is lost, and the error says where it is", async () => {
    const lost = run({ checkpoint: kept, checkpointEvery: { steps: 1 }, learningRate: 1e30, maxGradientNorm: 0, maxLossRatio: 0 });
    await expect(lost).rejects.toMatchObject({
      code: "NOT_FINITE",
      hint: expect.stringMatching(
        /^Lower the learning rate, or lengthen the warm-up\. The state after step \d+ is kept in ".*step-\d+\.safetensors"$/,
      ),
    });
    expect(await files()).toHaveLength(2);
  });
});

describe("a checkpoint is refused", () => {
  test.for([
    [{ learningRate: 1e-3 }, "settings.learningRate is 0.001, was 0.005"],
    [{ method: { name: "lora", rank: 4 } }, "method.rank is 4, was 2"],
    [{ seed: 7 }, "settings.seed is 7, was 42"],
    [{ threads: 1 }, "hardware.threads is 1, was 2"],
    [{ metrics: ["accuracy"] }, 'metrics is ["accuracy"], was not given'],
  ] as const)("of a run with other options: %o", async ([options, message]) => {
    await interrupted();
    await expect(run({ resume: kept, ...(options as Partial<TrainFileOptions>) })).rejects.toMatchObject({
      code: "CHECKPOINT_MISMATCH",
      message: expect.stringContaining(message),
    });
  });

  test("of a run on other data, and on another base", async () => {
    await interrupted();
    const other = join(folder, "other.jsonl");
    await writeFile(other, `${(await readFile(join(folder, "rows.jsonl"), "utf8")).replace("animal", "plant")}`);
    await expect(run({ resume: kept, data: other })).rejects.toMatchObject({ message: expect.stringContaining("data.digest is ") });
    const { base } = await tinyFiles(folder);
    const config = { ...(base as { config: object }).config, initializer_range: 0.03 };
    await expect(run({ resume: kept, base: { ...(base as object), config } as unknown as TrainFileOptions["base"] })).rejects.toMatchObject(
      {
        message: expect.stringContaining("base.fingerprint is "),
      },
    );
  });

  test("when it is damaged, with what to do", async () => {
    await run({ checkpoint: kept, checkpointEvery: { steps: 7 } });
    const newest = join(kept, "step-00000021.safetensors");
    const bytes = await readFile(newest);
    bytes.writeUInt8((bytes.at(-100) ?? 0) ^ 1, bytes.length - 100);
    await writeFile(newest, bytes);
    await expect(run({ resume: kept })).rejects.toMatchObject({
      code: "CHECKPOINT_INVALID",
      message: `Cannot read the checkpoint "${newest}": its bytes do not have its digest`,
      hint: "Delete the file, to go on from step 14",
    });
    for (const broken of [bytes.subarray(0, 1000), Buffer.from("no checkpoint"), Buffer.alloc(0)]) {
      await writeFile(newest, broken);
      await expect(run({ resume: kept })).rejects.toMatchObject({ code: "CHECKPOINT_INVALID" });
    }
    await rm(newest);
    expect((await run({ resume: kept }))[0]).toMatchObject({ begun: 14 });
  });

  test("when another run uses the folder, and one that begins must not find any", async () => {
    const running = trainFromFiles(await tinyFiles(folder, { checkpoint: kept }));
    await running.next();
    await expect(run({ resume: kept })).rejects.toMatchObject({
      code: "IN_USE",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await running.return();
    await interrupted();
    await expect(run({ checkpoint: kept })).rejects.toMatchObject({
      code: "NOT_WRITABLE",
      message: expect.stringContaining("it has checkpoints up to step 5"),
    });
  });

  test("when there is no folder, or two", async () => {
    await expect(run({ resume: kept })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await mkdir(kept);
    await expect(run({ resume: kept, checkpoint: folder })).rejects.toMatchObject({ code: "USAGE" });
    expect((await run({ resume: kept }))[0]).toMatchObject({ begun: 0 });
  });
});

test.skipIf(process.getuid?.() !== 0)("a full disk leaves the last good checkpoint", async ({ skip }) => {
  await mkdir(kept);
  // Room for one checkpoint, not for two.
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", kept]).status !== 0) skip("cannot mount");
  try {
    const full = await run({ checkpoint: kept, checkpointEvery: { steps: 2 } }).catch((error: unknown) => error);
    expect(full).toMatchObject({ code: "DISK_FULL", detail: { checkpoint: join(kept, (await files()).at(-1) ?? "") } });
    // Whole: every byte is checked when it is read.
    expect(await decodeCheckpoint(await fileSource(join(kept, (await files()).at(-1) ?? "")), "kept")).toHaveProperty("state");
  } finally {
    spawnSync("umount", [kept]);
  }
});
