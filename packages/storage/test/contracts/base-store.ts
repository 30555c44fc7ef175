import type { StoredBase } from "@graft/storage";
import { expect, test } from "vitest";
import { aBase, digestOf } from "./a-version.ts";
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

  test("bases are listed by name, then fingerprint, in pages", async () => {
    for (const each of ["c", "a", "b"]) await opened.store.bases.put(aBase(each));
    const names = async (query: Parameters<typeof opened.store.bases.list>[0]) =>
      (await opened.store.bases.list(query)).map((base) => base.name);
    expect(await names({ limit: 3 })).toEqual(["a", "b", "c"]);
    expect(await names({ limit: 3, after: digestOf("b") })).toEqual(["c", "tiny"]);
    expect(await names({ limit: 3, name: "b" })).toEqual(["b"]);
  });
}
