import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAdapter } from "@graft/format";
import { fileMemory, load } from "@graft/loader/node";
import { fingerprint } from "@graft/onnx";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

test("the surest way in which an adapter is known to fit is the one that is told", async () => {
  const base = await tinyBase();
  const adapter = await randomAdapter(base);
  const without = await tinyBase({ pooler: false });
  const other = await tinyBase({ seed: 99 });
  const { manifest } = await openAdapter(adapter);
  const declared = { originalsOf: async () => [manifest.base.fingerprint] };
  const fits = [];
  for (const [one, options] of [
    [base, {}],
    [without, {}],
    [other, declared],
    [other, { allowMismatch: true }],
  ] as const) {
    await using model = await load(one, { adapters: [adapter], threads: 1, ...options });
    fits.push(model.adapters[0]?.fit);
  }
  expect(fits).toEqual(["file", "fingerprint", "variant", "override"]);
});

test("a refusal names the targets, the base that would fit and how to get it", async () => {
  const adapter = await randomAdapter(await tinyBase(), {
    changes: { base: { name: "acme/small", revision: "abc", fingerprint: `sha256:${"0".repeat(64)}`, files: [] } },
  });
  await expect(load(await tinyBase({ seed: 99 }), { adapters: [adapter] })).rejects.toMatchObject({
    code: "BASE_MISMATCH",
    message: expect.stringMatching(/4 of 4 targets have other weights \(bert\.encoder\.layer\.0\.attention\.self\.query, .*…\)/),
    hint: "It fits acme/small at abc: hf download acme/small --revision abc",
    detail: { wanted: { name: "acme/small", revision: "abc" } },
  });
});

test("what is known of a base is kept for the next time, and forgotten when a file of it changes", async () => {
  const base = await tinyBase();
  const memory = fileMemory(await mkdtemp(join(tmpdir(), "graft-memory-")));
  const adapter = await randomAdapter(base);
  await using _ = await load(base, { adapters: [adapter], threads: 1, memory });
  const known = await memory.load(base);
  expect(known?.files).toHaveLength(1);
  const other = await tinyBase();
  expect(await memory.load(other)).toBeUndefined();
  await memory.save(base, {
    matrices: {},
    files: known?.files ?? [],
    fingerprint: (await fingerprint(base.model, base.weights)).fingerprint,
  });
  await using again = await load(base, { adapters: [adapter], threads: 1, memory });
  expect(again.adapters[0]?.fit).toBe("file");
});
