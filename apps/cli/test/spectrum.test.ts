import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { beforeAll, expect, test } from "vitest";
import { randomAdapter } from "../../../packages/loader/test/random-adapter.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);

beforeAll(async () => {
  await tinyCheckpoint(join(home, "base"));
  await tinyCheckpoint(join(home, "other"), { seed: 99 });
  const base = await openBase(join(home, "base"));
  const make = async (name: string, seed: number, rank: number): Promise<void> =>
    writeFile(join(home, name), await randomAdapter(base, { seed, method: { name: "lora", rank } }));
  await Promise.all([make("one.safetensors", 1, 4), make("two.safetensors", 2, 2)]);
  await writeFile(join(home, "head.safetensors"), await randomAdapter(base, { method: { name: "head" } }));
});

test("--spectrum says what an adapter learned, for people, for programs, and as a picture", async () => {
  const line = ["inspect", "--spectrum", "one.safetensors", "--base", "base", "--against", "two.safetensors", "--picture", "one.svg"];
  const { code, stdout } = await graft(line);
  expect(code).toBe(0);
  expect(stdout).toMatch(/rank in use +\d+ of 16 directions/);
  expect(stdout).toMatch(/^target +rank +effective +90 % +99 % +‖ΔW‖ +σ₁ +σᵣ +‖W‖ +amplified +φ\(1, 1\) +φ\(r, r\)$/m);
  expect(stdout).toMatch(/layer\.1\.attention\.self\.value +4 /);
  expect(await readFile(join(home, "one.svg"), "utf8")).toMatch(/^<svg .*<\/svg>$/s);
  const { spectra } = JSON.parse((await graft([...line.slice(0, 7), "--json"])).stdout) as { spectra: Record<string, unknown>[] };
  expect(spectra).toHaveLength(4);
  expect(spectra[0]).toMatchObject({ rank: 4, amplification: { factor: expect.any(Number) } });
  expect(spectra[0]?.["similarity"]).toHaveLength(4);
});

test.each([
  ["another base", ["one.safetensors", "--base", "other"], "BASE_MISMATCH"],
  ["an adapter without deltas", ["head.safetensors"], "USAGE"],
  ["an adapter that shares no target", ["one.safetensors", "--against", "head.safetensors"], "USAGE"],
])("--spectrum refuses %s", async (_, args, code) => {
  const ended = await graft(["inspect", "--spectrum", ...args]);
  expect(ended.stderr).toMatch(/^Cannot [^\n]+\n$/);
  expect(ended.stderr).toContain(`[${code}]`);
});
