import { EVERYTHING, type StoredBase } from "@graft/storage";
import { expect, test } from "vitest";
import { aBase, aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

/** What every store of bases must do. */
export function baseStoreContract(opened: StoreUnderTest): void {
  test("a base comes back as it was put, and grows by files only", async () => {
    const base: StoredBase = {
      ...aBase(
        "big",
        Array.from({ length: 5_000 }, (_, index) => `m${index}`),
      ),
      revision: "main",
      family: "bert",
      tokenizer: digestOf("tokenizer"),
    };
    expect(await opened.store.bases.put(base)).toBe("created");
    expect(await opened.store.bases.get(base.fingerprint)).toEqual(base);
    expect(await opened.store.bases.put({ ...base, name: "other" })).toBe("exists");
    const file = { name: "a.onnx", digest: digestOf("a"), size: 1 };
    expect(await opened.store.bases.put({ ...base, files: [file] })).toBe("extended");
    expect(await opened.store.bases.get(base.fingerprint)).toEqual({ ...base, files: [file, ...base.files] });
    expect(await opened.store.bases.withFile(file.digest)).toMatchObject([{ name: "big", file: "a.onnx", matrixCount: 5_000 }]);
    expect([await opened.store.bases.get(digestOf("none")), await opened.store.bases.summary(digestOf("none"))]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("what a base was made from is found from either side, and bases of one layout with their adapters", async () => {
    const layout = digestOf("layout");
    const derivedFrom = { base: digestOf("float"), tool: "quantiser 1.0", difference: { metric: "weights", value: 0.0125 } };
    await opened.store.bases.put({ ...aBase("float"), source: "https://example.com/float", license: "MIT", layout });
    await opened.store.bases.put({ ...aBase("int8"), layout, derivedFrom });
    expect(await opened.store.bases.get(digestOf("float"))).toMatchObject({ source: "https://example.com/float", license: "MIT" });
    expect(await opened.store.bases.variants(digestOf("float"), 10)).toMatchObject([{ name: "int8", derivedFrom }]);
    expect(await opened.store.bases.variants(digestOf("int8"), 10)).toEqual([]);
    for (const version of ["1.0.0", "1.1.0"]) await opened.store.versions.publish(aVersion("@a/one", version, { base: digestOf("int8") }));
    expect(await opened.store.seenBy(EVERYTHING).lookups.withLayout(layout, 10)).toMatchObject([
      { name: "int8", adapterCount: 1 },
      { name: "float", adapterCount: 0 },
    ]);
    expect(await opened.store.seenBy(EVERYTHING).lookups.withLayout(digestOf("other"), 10)).toEqual([]);
  });

  test("bases are listed by name, then fingerprint, in pages", async () => {
    for (const each of ["c", "a", "b"]) await opened.store.bases.put(aBase(each));
    const names = async (query: Parameters<typeof opened.store.bases.list>[0]) =>
      (await opened.store.bases.list(query)).map((base) => base.name);
    expect(await names({ limit: 3 })).toEqual(["a", "b", "c"]);
    expect(await names({ limit: 3, after: digestOf("b") })).toEqual(["c", "tiny"]);
    expect(await names({ limit: 3, name: "b" })).toEqual(["b"]);
  });
}
