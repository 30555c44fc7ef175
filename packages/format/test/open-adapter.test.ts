import { sha256 } from "@graft/digest";
import { type GraftError, isGraftError } from "@graft/error";
import { digestTensors, loraKeys, openAdapter, packAdapter, readManifest, wholeKey } from "@graft/format";
import { bytesSource, encodeSafetensors, openSafetensors, type Tensor } from "@graft/safetensors";
import { describe, expect, test } from "vitest";
import { buildAdapter, countingTensor } from "./adapter-builder.ts";

const { a } = loraKeys("bert.encoder.layer.0.attention.self.query");
const classifier = wholeKey("classifier", "weight");

/** The same file with other tensors or metadata: what a careless or hostile tool writes. */
async function rewrite(change: (tensors: Map<string, Tensor>, metadata: Map<string, string>) => void): Promise<Uint8Array> {
  const file = await openSafetensors(bytesSource(packAdapter(buildAdapter())));
  const tensors = new Map<string, Tensor>();
  for (const name of file.header.tensors.keys()) tensors.set(name, await file.tensor(name));
  const metadata = new Map(file.header.metadata);
  change(tensors, metadata);
  return encodeSafetensors(tensors, metadata);
}

describe("an adapter that was packed", () => {
  test("opens with the manifest and the values that went in", async () => {
    const parts = buildAdapter();
    const adapter = await openAdapter(packAdapter(parts));
    expect(adapter.manifest).toEqual(parts.manifest);
    expect([...(await adapter.values(a))]).toEqual(Array.from({ length: 12 }, (_, index) => index / 8));
    expect(await readManifest(packAdapter(parts))).toEqual(parts.manifest);
  });

  test("opens with tensors that a method puts beside the base", async () => {
    const key = "base_model.model.bert.embeddings.prefix.weight";
    const added = { key, shape: [2, 6], role: "added" as const, module: "bert.embeddings.prefix" };
    const parts = buildAdapter({ targets: [], tensors: [...buildAdapter().manifest.tensors, added], method: { name: "prefix-embedding" } });
    const tensors = new Map([...parts.tensors].filter(([name]) => !name.includes("lora_")));
    const manifest = parts.manifest;
    expect(() => packAdapter({ manifest, tensors })).toThrow(expect.objectContaining({ code: "ADAPTER_INVALID" }));
    const adapter = await openAdapter(packAdapter({ manifest, tensors: tensors.set(key, countingTensor([2, 6], 0)) }));
    expect(adapter.manifest.tensors.at(-1)).toEqual(added);
    expect(await adapter.values(key)).toHaveLength(12);
  });

  test("has the same bytes whatever the order in which tensors and fields come", () => {
    const parts = buildAdapter();
    const shuffled = {
      manifest: Object.fromEntries(Object.entries(parts.manifest).toReversed()) as typeof parts.manifest,
      tensors: new Map([...parts.tensors].toReversed()),
    };
    expect(packAdapter(shuffled)).toEqual(packAdapter(parts));
  });

  test("has the digest of the file, and a second one that only the tensors decide", async () => {
    const bytes = packAdapter(buildAdapter());
    const named = packAdapter(buildAdapter({ name: "@quickstart/gloss-topics", version: "1.0.0" }));
    const [plain, published] = [await openAdapter(bytes), await openAdapter(named)];
    expect(plain.digest).toBe(await sha256(bytes));
    expect(published.digest).not.toBe(plain.digest);
    expect(published.tensorsDigest).toBe(plain.tensorsDigest);
    expect(plain.tensorsDigest).toBe(await digestTensors(buildAdapter().tensors));
    expect(plain.tensorsDigest).toBe(await sha256(encodeSafetensors(buildAdapter().tensors)));
  });
});

describe("opening refuses", () => {
  test("NaN and infinity, and says where", async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const bytes = await rewrite((tensors) => {
        const tensor = countingTensor([2, 6], 0);
        new DataView(tensor.data.buffer).setFloat32(4 * 7, value, true);
        tensors.set(a, tensor);
      });
      await expect(openAdapter(bytes)).rejects.toMatchObject({ code: "NOT_FINITE", detail: { key: a, element: 7 } });
    }
  });

  test.each<[string, string, (tensors: Map<string, Tensor>, metadata: Map<string, string>) => void]>([
    ["a missing tensor", "missing-tensor", (tensors) => tensors.delete(classifier)],
    ["an unlisted tensor", "unlisted-tensor", (tensors) => tensors.set("base_model.model.extra.weight", countingTensor([1], 0))],
    ["another shape", "wrong-shape", (tensors) => tensors.set(a, countingTensor([6, 2], 0))],
    ["another dtype", "wrong-dtype", (tensors) => tensors.set(a, { dtype: "I32", shape: [2, 6], data: new Uint8Array(48) })],
    ["a name that is too long", "header-findings", (tensors) => tensors.set("x".repeat(257), countingTensor([1], 0))],
    ["a name with a path", "header-findings", (tensors) => tensors.set("../../etc/passwd", countingTensor([1], 0))],
    ["a file without a manifest", "no-manifest", (_, metadata) => metadata.delete("graft.manifest")],
  ])("%s", async (_, reason, change) => {
    await expect(openAdapter(await rewrite(change))).rejects.toMatchObject({ code: "ADAPTER_INVALID", detail: { reason } });
  });

  test.each<[string, (json: string) => string]>([
    ["is no JSON", () => "{"],
    ["has a key twice", (json) => json.replace('"formatVersion":1', '"formatVersion":2,"formatVersion":1')],
    ["has white space", (json) => json.replace(":", ": ")],
    ["has a field that nobody knows", (json) => json.replace("{", '{"aaa":1,')],
    ["has another format version", (json) => json.replace('"formatVersion":1', '"formatVersion":2')],
  ])("a manifest that %s", async (_, change) => {
    const bytes = await rewrite((__, metadata) => metadata.set("graft.manifest", change(metadata.get("graft.manifest") ?? "")));
    await expect(openAdapter(bytes)).rejects.toMatchObject({ code: "MANIFEST_INVALID" });
  });

  test("a duplicate key, a broken file and a header above the bound, each with its code", async () => {
    const bytes = packAdapter(buildAdapter());
    const headerBytes = Number(Buffer.from(bytes).readBigUInt64LE(0));
    const json = Buffer.from(bytes)
      .toString("latin1", 8, 8 + headerBytes)
      .trimEnd();
    const entry = /"base_model\.model\.classifier\.bias":\{"dtype.*?\}/.exec(json)?.[0] ?? "";
    const doubled = `${json.slice(0, -1)},${entry}}`.padEnd(Math.ceil((json.length + entry.length + 1) / 8) * 8, " ");
    const file = Buffer.concat([Buffer.alloc(8), Buffer.from(doubled), bytes.subarray(8 + headerBytes)]);
    file.writeBigUInt64LE(BigInt(doubled.length), 0);
    await expect(openAdapter(file)).rejects.toMatchObject({ code: "ADAPTER_INVALID", detail: { findings: [{ rule: "duplicate-name" }] } });
    await expect(openAdapter(bytes.subarray(0, -1))).rejects.toMatchObject({ code: "SAFETENSORS_INVALID" });
    const large = await rewrite((_, metadata) => metadata.set("filler", "x".repeat(9 * 2 ** 20)));
    await expect(openAdapter(large)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});

test("packing refuses what opening refuses", () => {
  const parts = buildAdapter();
  parts.tensors.get(a)?.data.fill(0xff, 0, 4);
  expect(() => packAdapter(parts)).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
  expect(() => packAdapter({ ...buildAdapter(), tensors: new Map() })).toThrow(expect.objectContaining({ code: "ADAPTER_INVALID" }));
});

test("2,000 mutated adapters open or are refused with a code, and none gets through changed", async () => {
  const bytes = packAdapter(buildAdapter());
  const { digest } = await openAdapter(bytes);
  const codes = new Set<string>();
  let state = 7;
  const random = (end: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  for (let run = 0; run < 2_000; run += 1) {
    const mutant = Uint8Array.from(bytes);
    for (let count = 1 + random(3); count > 0; count -= 1) mutant[random(run % 2 === 0 ? mutant.length : 1_200)] = random(256);
    const cut = random(10) === 0 ? mutant.subarray(0, random(mutant.length)) : mutant;
    try {
      const adapter = await openAdapter(cut);
      // Other finite values are another adapter, and say so.
      if (Buffer.compare(cut, bytes) !== 0) expect(adapter.digest).not.toBe(digest);
    } catch (error) {
      expect(isGraftError(error), String(error)).toBe(true);
      codes.add((error as GraftError).code);
    }
  }
  expect([...codes].toSorted()).toEqual(expect.arrayContaining(["ADAPTER_INVALID", "MANIFEST_INVALID", "SAFETENSORS_INVALID"]));
});
