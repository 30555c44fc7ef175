import { expect, test } from "vitest";
import { aVersion } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const AT = "2026-02-01T00:00:00.000Z";

/** What every store of the log must do. */
export function logStoreContract(opened: StoreUnderTest): void {
  const texts = async () =>
    (await opened.store.log.entries({ begin: 0, end: 10_000 })).map(({ text }) => JSON.parse(text) as Record<string, unknown>);

  test("what changes is in the log, in order, and what was refused or changed nothing is not", async () => {
    const { versions, log } = opened.store;
    expect(await log.size()).toBe(0);
    const first = aVersion("@a/spam", "1.0.0");
    await versions.publish(first);
    await versions.publish(first);
    await expect(versions.publish({ ...first, digest: aVersion("@a/other", "1.0.0").digest })).rejects.toMatchObject({
      code: "VERSION_TAKEN",
    });
    await versions.publish(aVersion("@a/spam", "0.9.0"));
    await versions.publish(aVersion("@a/spam", "2.0.0-rc.1"), { tag: "next" });
    await versions.setTag("@a/spam", "stable", { version: "1.0.0", at: AT });
    await versions.deleteTag("@a/spam", "next", { at: AT });
    await expect(versions.setTag("@a/spam", "stable", { version: "7.0.0", at: AT })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(versions.deleteTag("@a/spam", "none", { at: AT })).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await texts()).toMatchObject([
      { kind: "publish", name: "@a/spam", version: "1.0.0", digest: first.digest, base: first.base, time: first.publishedAt },
      { kind: "tag", name: "@a/spam", version: "1.0.0", tag: "latest" },
      { kind: "publish", version: "0.9.0" },
      { kind: "publish", version: "2.0.0-rc.1" },
      { kind: "tag", version: "2.0.0-rc.1", tag: "next" },
      { kind: "tag", version: "1.0.0", tag: "stable" },
      { kind: "tag", tag: "next", removed: true },
    ]);
    expect(await log.size()).toBe(7);
    expect(await log.published("@a/spam", "0.9.0")).toMatchObject({ position: 2 });
    expect(await log.published("@a/spam", "3.0.0")).toBeUndefined();
    expect((await log.entries({ begin: 3, end: 5 })).map(({ position }) => position)).toEqual([3, 4]);
  });

  test("entries about private adapters have a salt each, and others none", async () => {
    await opened.store.versions.publish(aVersion("@a/secret", "1.0.0"), { visibility: "private" });
    await opened.store.versions.publish(aVersion("@a/open", "1.0.0"));
    const salts = (await opened.store.log.entries({ begin: 0, end: 4 })).map(({ salt }) => salt);
    expect(salts).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/), undefined, undefined]);
    expect(salts[0]).not.toBe(salts[1]);
  });

  test("many that publish at once through two stores leave no gap, and each change stands once", async () => {
    const stores = [opened.store, await opened.again()];
    const names = Array.from({ length: 24 }, (_, index) => `@a/adapter${String.fromCharCode(97 + index)}`);
    const results = await Promise.allSettled(
      names.flatMap((name, index) =>
        [1, 2].map((value) =>
          stores[(index + value) % 2]?.versions.publish(aVersion(name, "1.0.0", { digest: aVersion(name, `${value}`).digest })),
        ),
      ),
    );
    await stores[1]?.close();
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(names.length);
    const entries = await opened.store.log.entries({ begin: 0, end: 1_000 });
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 2 * names.length }, (_, position) => position));
    expect(await opened.store.log.size()).toBe(entries.length);
    expect(
      (await texts())
        .filter(({ kind }) => kind === "publish")
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names);
  });

  test("roots of full subtrees are kept, and given up to the first that is missing", async () => {
    const { log } = opened.store;
    await log.keepRoots(
      1,
      [0, 1, 3].map((index) => ({ index, root: `root ${index}` })),
    );
    await log.keepRoots(1, [{ index: 0, root: "another" }]);
    expect(await log.roots(1, { begin: 0, end: 4 })).toEqual(["root 0", "root 1"]);
    expect(await log.roots(1, { begin: 3, end: 4 })).toEqual(["root 3"]);
    expect(await log.roots(2, { begin: 0, end: 4 })).toEqual([]);
  });

  test("the first key stays the first, a change of keys is an entry, and the old key signs no more", async () => {
    const { log, versions } = opened.store;
    const key = (id: string) => ({ id, key: `public ${id}`, createdAt: "2026-01-01T00:00:00.000Z" });
    await log.adoptKey(key("one"));
    await log.adoptKey(key("two"));
    expect(await log.keys()).toEqual([{ ...key("one"), number: 1 }]);
    const signedBy = (id: string) => ({ signatures: [{ key: id, signature: "s" }] });
    await versions.publish(aVersion("@a/spam", "1.0.0", signedBy("one")));
    await log.rotateKey(key("two"), { previous: "one", sign: async (facts) => ({ signed: facts }) });
    expect(await log.keys()).toEqual([
      { ...key("one"), number: 1 },
      { ...key("two"), number: 2, rotation: '{"signed":{"number":2,"size":2}}' },
    ]);
    expect((await texts()).at(-1)).toMatchObject({ kind: "key", rotation: { signed: { number: 2, size: 2 } } });
    await expect(log.rotateKey(key("three"), { previous: "one", sign: async () => ({}) })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(versions.publish(aVersion("@a/spam", "2.0.0", signedBy("one")))).rejects.toMatchObject({ code: "CONFLICT" });
    await versions.publish(aVersion("@a/spam", "2.0.0", signedBy("two")));
    expect(await log.size()).toBe(5);
  });
}
