import { openBase } from "@graft/architectures/node";
import { hashFile } from "@graft/digest/node";
import { fingerprint } from "@graft/onnx";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import type { MeasurementOptions } from "./measurement.ts";
import { median } from "./statistics.ts";

const ROUNDS = 7;

/** Prints how long the fingerprint of a base takes beside two sha256 passes over its files, in turn, and the ratio of the medians. */
export async function compareFingerprint({ base = TINY_ENGLISH_FOLDER }: MeasurementOptions): Promise<void> {
  const { model, weights, files } = await openBase(base);
  const passes: number[] = [];
  const fingerprints: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    passes.push(
      await milliseconds(async () => {
        bytes = 0;
        for (let pass = 0; pass < 2; pass++) for (const file of files) bytes += (await hashFile(file)).size / 2;
      }),
    );
    fingerprints.push(await milliseconds(() => fingerprint(model, weights)));
  }
  const [two, one] = [median(passes), median(fingerprints)];
  process.stdout.write(`${base}: ${(bytes / 1e6).toFixed(1)} MB, ${ROUNDS} rounds in turn, medians\n`);
  process.stdout.write(
    `two sha256 passes  ${two.toFixed(1)} ms\nfingerprint        ${one.toFixed(1)} ms\nratio              ${(one / two).toFixed(2)}\n`,
  );
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
