import { EVERYTHING } from "@graft/storage";
import { expect, test } from "vitest";
import { aSearch, aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const AT = "2026-02-01T00:00:00.000Z";

/** What every store of versions must do. */
export function versionStoreContract(opened: StoreUnderTest): void {
  test("a version comes back as it was published, in another process too", async () => {
    const version = aVersion("@a/spam", "1.0.0", { description: "Finds spam" });
    expect(await opened.store.versions.publish(version)).toBe("created");
    for (const each of [opened.store, await opened.again()]) {
      expect(await each.seenBy(EVERYTHING).versions.get("@a/spam", "1.0.0")).toEqual(version);
      expect(await each.seenBy(EVERYTHING).versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
      if (each !== opened.store) await each.close();
    }
  });

  test("a version never changes", async () => {
    const version = aVersion("@a/spam", "1.0.0");
    await opened.store.versions.publish(version);
    expect(await opened.store.versions.publish({ ...version, publishedBy: "you" }, { tag: "next" })).toBe("exists");
    await expect(opened.store.versions.publish({ ...version, digest: digestOf("other") })).rejects.toMatchObject({ code: "VERSION_TAKEN" });
    expect(await opened.store.seenBy(EVERYTHING).versions.get("@a/spam", "1.0.0")).toEqual(version);
    expect(await opened.store.seenBy(EVERYTHING).versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
  });

  test("of many who publish one version through two connections, one wins", async () => {
    const other = await opened.again();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? opened.store : other).versions.publish(aVersion("@a/race", "1.0.0", { digest: digestOf(`bytes ${index}`) })),
      ),
    );
    await other.close();
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "VERSION_TAKEN" });
  });

  test("a publish that fails leaves nothing: no adapter, no tag, no targets", async () => {
    await expect(
      opened.store.versions.publish(aVersion("@a/lost", "1.0.0", { base: digestOf("no base"), targets: [digestOf("new")] })),
    ).rejects.toThrow();
    expect(await opened.store.seenBy(EVERYTHING).versions.tags("@a/lost")).toEqual({});
    expect((await opened.store.seenBy(EVERYTHING).search.find(aSearch({ text: "lost" }))).items).toEqual([]);
    expect(await opened.store.seenBy(EVERYTHING).lookups.find({ matrices: [digestOf("new")], limit: 10 })).toEqual([]);
    expect(await opened.store.versions.publish(aVersion("@a-/lost", "1.0.0"))).toBe("created");
  });

  test("names that differ in separators only are one name", async () => {
    await opened.store.versions.publish(aVersion("@a/spam-filter", "1.0.0"));
    for (const each of ["@a/spam_filter", "@a/spamfilter", "@a/spam.filter"])
      await expect(opened.store.versions.publish(aVersion(each, "1.0.0"))).rejects.toMatchObject({ code: "CONFLICT" });
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
    for (const version of order.toSorted()) await opened.store.versions.publish(aVersion("@a/spam", version));
    expect(await opened.store.seenBy(EVERYTHING).versions.numbers("@a/spam")).toEqual(order);
    expect(
      (await opened.store.seenBy(EVERYTHING).versions.list("@a/spam", { limit: 3, after: "2.0.0-beta" })).map(({ version }) => version),
    ).toEqual(["2.0.0-alpha.beta", "2.0.0-alpha.1", "2.0.0-alpha"]);
    expect(await opened.store.seenBy(EVERYTHING).versions.tags("@a/spam")).toEqual({ latest: "2.0.0" });
  });

  test("tags move, and name only what is there", async () => {
    await opened.store.versions.publish(aVersion("@a/spam", "1.0.0"));
    await opened.store.versions.publish(aVersion("@a/spam", "1.1.0"), { tag: "next" });
    expect(await opened.store.seenBy(EVERYTHING).versions.tags("@a/spam")).toEqual({ latest: "1.0.0", next: "1.1.0" });
    await opened.store.versions.setTag("@a/spam", "next", { version: "1.0.0", at: AT });
    await expect(opened.store.versions.setTag("@a/spam", "next", { version: "3.0.0", at: AT })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(opened.store.versions.deleteTag("@a/spam", "none", { at: AT })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await opened.store.versions.deleteTag("@a/spam", "next", { at: AT });
    expect(await opened.store.seenBy(EVERYTHING).versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
  });
}
