import { openAdapter, validateAdapter } from "@graft/format";
import type { ByteSource } from "@graft/safetensors";
import { expect, test } from "vitest";
import { aPublishedAdapter, fuzzValidator } from "../../src/fuzz/fuzz-validator.ts";
import { MUTATIONS, seeded } from "../../src/fuzz/mutate.ts";

test("the adapter that is mutated is a valid one, and every mutation changes it", async () => {
  const { bytes, base } = aPublishedAdapter();
  await expect(openAdapter(bytes).then((adapter) => validateAdapter(adapter, base))).resolves.toHaveLength(2);
  for (const [name, mutation] of Object.entries(MUTATIONS)) {
    const random = seeded(1);
    const isChanged = Array.from({ length: 20 }, () => mutation(bytes, random)).some((mutant) => Buffer.compare(mutant, bytes) !== 0);
    expect([name, isChanged]).toEqual([name, true]);
  }
});

test("mutants are refused by a code of ours or accepted: no crash, no hang", async () => {
  const seed = Number(process.env["GRAFT_FUZZ_SEED"] ?? 20_261_125);
  const { faults, accepted, refused } = await fuzzValidator({ seed, count: 4_000 });
  expect(faults).toEqual([]);
  expect(accepted).toBeGreaterThan(0);
  expect(Object.keys(refused)).toEqual(expect.arrayContaining(["SAFETENSORS_INVALID", "ADAPTER_INVALID", "MANIFEST_INVALID"]));
});

test("a header that says to have 100 MB is refused before any of it is read", async () => {
  let read = 0;
  const huge: ByteSource = {
    size: 8 + 100_000_000 + 64,
    read: async (offset, length) => {
      read += length;
      const bytes = new Uint8Array(length).fill(0x20);
      if (offset === 0) new DataView(bytes.buffer).setBigUint64(0, 100_000_000n, true);
      return bytes;
    },
    close: async () => undefined,
  };
  await expect(openAdapter(huge)).rejects.toMatchObject({
    code: expect.stringMatching(/LIMIT_EXCEEDED|ADAPTER_INVALID|SAFETENSORS_INVALID/),
  });
  expect(read).toBeLessThanOrEqual(1024);
});
