import { createHash } from "node:crypto";
import type { Digest } from "@graft/digest";
import type { MetadataStore, StoredBase, StoredVersion } from "@graft/storage";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** A metadata store under test, and how to end it. */
export interface OpenedMetadataStore {
  readonly store: MetadataStore;
  /** A second store over the same data, as another process opens it. */
  readonly again: () => Promise<MetadataStore>;
  readonly close: () => Promise<void>;
}

const digestOf = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

function aBase(name: string, matrices: readonly string[] = ["q", "k"]): StoredBase {
  return {
    name,
    fingerprint: digestOf(name),
    registeredAt: "2026-01-01T00:00:00.000Z",
    registeredBy: "me",
    matrices: matrices.map((module) => ({ module, digest: digestOf(module), rows: 4, columns: 8 })),
    files: [{ name: "model.onnx", digest: digestOf(`${name} file`), size: 2 ** 33 }],
  };
}

function aVersion(name: string, version: string, options: Partial<StoredVersion> = {}): StoredVersion {
  const digest = digestOf(`${name}@${version}`);
  return {
    name,
    version,
    digest,
    size: 2 ** 32,
    tensorsDigest: digestOf("tensors"),
    base: digestOf("tiny"),
    method: "lora",
    task: "text-classification",
    keywords: ["mail"],
    manifest: { any: ["thing", 1, null] },
    signatures: [{ key: "k", signature: "s" }],
    targets: [digestOf("q")],
    publishedAt: "2026-01-02T00:00:00.000Z",
    publishedBy: "me",
    searchText: `${name}\nfinds spam`,
    ...options,
  };
}

/** What every metadata store must do. */
export function metadataStoreContract(name: string, open: () => Promise<OpenedMetadataStore>): void {
  describe(`the contract of metadata stores: ${name}`, () => {
    let opened: OpenedMetadataStore;
    let store: MetadataStore;
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
      await store.bases.put(aBase("tiny"));
    });
    afterEach(() => opened.close());

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
      expect(await store.bases.put(base)).toBe("created");
      expect(await store.bases.get(base.fingerprint)).toEqual(base);
      expect(await store.bases.put({ ...base, name: "other" })).toBe("exists");
      const file = { name: "a.onnx", digest: digestOf("a"), size: 1 };
      expect(await store.bases.put({ ...base, files: [file] })).toBe("extended");
      expect(await store.bases.get(base.fingerprint)).toEqual({ ...base, files: [file, ...base.files] });
      expect(await store.bases.withFile(file.digest)).toMatchObject([{ name: "big", file: "a.onnx", matrixCount: 5_000 }]);
      expect([await store.bases.get(digestOf("none")), await store.bases.summary(digestOf("none"))]).toEqual([undefined, undefined]);
    });

    test("bases are listed by name, then fingerprint, in pages", async () => {
      for (const each of ["c", "a", "b"]) await store.bases.put(aBase(each));
      const names = async (query: Parameters<typeof store.bases.list>[0]) => (await store.bases.list(query)).map((base) => base.name);
      expect(await names({ limit: 3 })).toEqual(["a", "b", "c"]);
      expect(await names({ limit: 3, after: digestOf("b") })).toEqual(["c", "tiny"]);
      expect(await names({ limit: 3, name: "b" })).toEqual(["b"]);
    });

    test("a version comes back as it was published, in another process too", async () => {
      const version = aVersion("@a/spam", "1.0.0", { description: "Finds spam" });
      expect(await store.versions.publish(version)).toBe("created");
      for (const each of [store, await opened.again()]) {
        expect(await each.versions.get("@a/spam", "1.0.0")).toEqual(version);
        expect(await each.versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
        if (each !== store) await each.close();
      }
    });

    test("a version never changes", async () => {
      const version = aVersion("@a/spam", "1.0.0");
      await store.versions.publish(version);
      expect(await store.versions.publish({ ...version, publishedBy: "you" }, "next")).toBe("exists");
      await expect(store.versions.publish({ ...version, digest: digestOf("other") })).rejects.toMatchObject({ code: "VERSION_TAKEN" });
      expect(await store.versions.get("@a/spam", "1.0.0")).toEqual(version);
      expect(await store.versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
    });

    test("of many who publish one version through two connections, one wins", async () => {
      const other = await opened.again();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? store : other).versions.publish(aVersion("@a/race", "1.0.0", { digest: digestOf(`bytes ${index}`) })),
        ),
      );
      await other.close();
      expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "VERSION_TAKEN" });
    });

    test("a publish that fails leaves nothing: no adapter, no tag, no targets", async () => {
      await expect(
        store.versions.publish(aVersion("@a/lost", "1.0.0", { base: digestOf("no base"), targets: [digestOf("new")] })),
      ).rejects.toThrow();
      expect(await store.versions.tags("@a/lost")).toEqual({});
      expect(await store.lookups.search({ words: ["lost"], limit: 10 })).toEqual([]);
      expect(await store.lookups.find({ matrices: [digestOf("new")], limit: 10 })).toEqual([]);
      expect(await store.versions.publish(aVersion("@a-/lost", "1.0.0"))).toBe("created");
    });

    test("names that differ in separators only are one name", async () => {
      await store.versions.publish(aVersion("@a/spam-filter", "1.0.0"));
      for (const each of ["@a/spam_filter", "@a/spamfilter", "@a/spam.filter"])
        await expect(store.versions.publish(aVersion(each, "1.0.0"))).rejects.toMatchObject({ code: "CONFLICT" });
    });

    test("versions are ordered as semantic versioning says", async () => {
      const order = [
        "2.0.0",
        "2.0.0-rc.1",
        "2.0.0-beta.11",
        "2.0.0-beta.2",
        "2.0.0-beta",
        "2.0.0-alpha.beta",
        "2.0.0-alpha.1",
        "2.0.0-alpha",
        "2.0.0-1",
        "1.10.0",
        "1.9.0",
        "1.0.10",
        "1.0.9",
        "0.0.1",
      ];
      for (const version of order.toSorted()) await store.versions.publish(aVersion("@a/spam", version));
      expect(await store.versions.numbers("@a/spam")).toEqual(order);
      expect((await store.versions.list("@a/spam", { limit: 3, after: "2.0.0-beta" })).map(({ version }) => version)).toEqual([
        "2.0.0-alpha.beta",
        "2.0.0-alpha.1",
        "2.0.0-alpha",
      ]);
      expect(await store.versions.tags("@a/spam")).toEqual({ latest: "2.0.0" });
    });

    test("tags move, and name only what is there", async () => {
      await store.versions.publish(aVersion("@a/spam", "1.0.0"));
      await store.versions.publish(aVersion("@a/spam", "1.1.0"), "next");
      expect(await store.versions.tags("@a/spam")).toEqual({ latest: "1.0.0", next: "1.1.0" });
      await store.versions.setTag("@a/spam", "next", "1.0.0");
      await expect(store.versions.setTag("@a/spam", "next", "3.0.0")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(store.versions.deleteTag("@a/spam", "none")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await store.versions.deleteTag("@a/spam", "next");
      expect(await store.versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
    });

    test("find ranks same base, all targets, some targets; one version per adapter, releases first", async () => {
      await store.bases.put(aBase("other", ["q", "x"]));
      await store.versions.publish(aVersion("@a/same", "1.0.0", { targets: [digestOf("q"), digestOf("k")] }));
      await store.versions.publish(aVersion("@a/same", "1.1.0", { targets: [digestOf("q")] }));
      await store.versions.publish(aVersion("@a/same", "2.0.0-rc.1", { targets: [] }));
      await store.versions.publish(aVersion("@a/none", "1.0.0", { targets: [] }));
      await store.versions.publish(aVersion("@b/all", "1.0.0", { base: digestOf("other"), targets: [digestOf("q")] }));
      await store.versions.publish(aVersion("@b/some", "1.0.0", { base: digestOf("other"), targets: [digestOf("q"), digestOf("x")] }));
      const query = { base: digestOf("tiny"), matrices: [digestOf("q"), digestOf("k")], limit: 10 };
      const short = async (more: object) =>
        (await store.lookups.find({ ...query, ...more })).map(({ name: found, version, rank, present, targetCount }) => [
          found,
          version,
          rank,
          present,
          targetCount,
        ]);
      const all = [
        ["@a/none", "1.0.0", 0, 0, 0],
        ["@a/same", "1.1.0", 0, 1, 1],
        ["@b/all", "1.0.0", 1, 1, 1],
        ["@b/some", "1.0.0", 2, 1, 2],
      ];
      expect(await short({})).toEqual(all);
      expect(await short({ after: "0:@a/same" })).toEqual(all.slice(2));
      expect(await short({ base: undefined, matrices: [] })).toEqual([]);
    });

    test("search wants all words, and shows the newest release", async () => {
      await store.versions.publish(aVersion("@a/spam", "1.0.0"));
      await store.versions.publish(aVersion("@a/spam", "1.1.0", { searchText: "new words 50%" }));
      await store.versions.publish(aVersion("@a/spam", "1.2.0-rc.1", { searchText: "newer" }));
      const found = async (...words: string[]) =>
        (await store.lookups.search({ words, limit: 10 })).map((each) => `${each.name}@${each.version} ${each.baseName}`);
      expect(await found("words", "new")).toEqual(["@a/spam@1.1.0 tiny"]);
      for (const word of ["newer", "finds", "5_%", "%", "\\"]) if (word !== "%") expect(await found(word)).toEqual([]);
      expect(await found("50%")).toEqual(["@a/spam@1.1.0 tiny"]);
      expect(await store.lookups.withDigest(digestOf("@a/spam@1.0.0"), 10)).toMatchObject([{ version: "1.0.0" }]);
      expect(await store.lookups.withTensors(digestOf("tensors"), 2)).toHaveLength(2);
    });

    test("tokens are found by hash, listed from the oldest, and revoked", async () => {
      const token = (index: number) => ({
        id: `t${index}`,
        hash: `hash${index}`,
        label: "x",
        names: ["*"],
        actions: ["read"],
        createdAt: `2026-01-0${index}T00:00:00.000Z`,
        ...(index === 2 ? { expiresAt: "2027-01-01T00:00:00.000Z" } : {}),
      });
      for (const index of [2, 1, 3]) await store.tokens.insert(token(index));
      await store.tokens.insert({ ...token(9), hash: "hash1" });
      expect(await store.tokens.withHash("hash2")).toEqual(token(2));
      expect((await store.tokens.list({ limit: 2, after: "t1" })).map(({ id }) => id)).toEqual(["t2", "t3"]);
      expect([
        await store.tokens.count(),
        await store.tokens.delete("t2"),
        await store.tokens.delete("t2"),
        await store.tokens.withHash("hash2"),
      ]).toEqual([3, true, false, undefined]);
    });
  });
}
