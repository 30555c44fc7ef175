import { EVERYTHING } from "@graft/storage";
import { expect, test } from "vitest";
import { aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const AT = { at: "2026-02-01T00:00:00.000Z" };

/** What every store must do with versions after they are published, and before. */
export function versionLifeContract(opened: StoreUnderTest): void {
  const seen = () => opened.store.seenBy(EVERYTHING);
  const found = async (text: string) =>
    (await seen().search.find({ text, filters: {}, order: "relevance", limit: 9, withFacets: false })).items.map(({ version }) => version);
  const publish = (version: string, more = {}) => opened.store.versions.publish(aVersion("@a/spam", version, more));

  test("a version keeps the files beside it, which cannot change either", async () => {
    const files = [
      { path: "README.md", digest: digestOf("readme"), size: 10 },
      { path: "evaluation.json", digest: digestOf("evaluation"), size: 20 },
    ];
    await publish("1.0.0", { files });
    expect((await seen().versions.get("@a/spam", "1.0.0"))?.files).toEqual(files);
    expect(await publish("1.0.0", { files })).toBe("exists");
    for (const other of [[], files.slice(1), [{ ...files[0], digest: digestOf("other") }, files[1]]])
      await expect(publish("1.0.0", { files: other })).rejects.toMatchObject({ code: "VERSION_TAKEN" });
    expect([await seen().lookups.needs(digestOf("readme")), await seen().lookups.needs(digestOf("other"))]).toEqual([true, false]);
    expect(await seen().lookups.needs(digestOf("@a/spam@1.0.0"))).toBe(true);
  });

  test("a message is set on versions and taken back, and each change is one entry of the log", async () => {
    for (const version of ["1.0.0", "1.1.0", "2.0.0"]) await publish(version);
    const before = await opened.store.log.size();
    const change = { name: "@a/spam", versions: ["1.0.0", "1.1.0", "9.9.9"], message: "use 2" };
    expect((await opened.store.versions.deprecate(change, AT)).toSorted()).toEqual(["1.0.0", "1.1.0"]);
    expect(await opened.store.versions.deprecate(change, AT)).toEqual([]);
    expect((await seen().versions.list("@a/spam", { limit: 9 })).map(({ deprecated }) => deprecated)).toEqual([
      undefined,
      "use 2",
      "use 2",
    ]);
    expect(await opened.store.versions.deprecate({ ...change, versions: ["1.1.0"], message: null }, AT)).toEqual(["1.1.0"]);
    expect((await seen().versions.get("@a/spam", "1.1.0"))?.deprecated).toBeUndefined();
    expect(await opened.store.log.size()).toBe(before + 3);
  });

  test("a version that was withdrawn is in no list, and its number is taken for ever", async () => {
    for (const version of ["1.0.0", "1.1.0"])
      await publish(version, { files: [{ path: "README.md", digest: digestOf(version), size: 1 }] });
    await opened.store.versions.setTag("@a/spam", "stable", { version: "1.1.0", ...AT });
    const place = { name: "@a/spam", version: "1.1.0" };
    await opened.store.versions.withdraw(place, { ...AT, reason: "leaks names" });
    expect(await seen().versions.get("@a/spam", "1.1.0")).toBeUndefined();
    expect(await seen().versions.numbers("@a/spam")).toEqual(["1.0.0"]);
    expect(await seen().versions.tags("@a/spam")).toEqual({ latest: "1.0.0" });
    expect(await found("spam")).toEqual(["1.0.0"]);
    expect(await seen().lookups.find({ base: digestOf("tiny"), matrices: [], limit: 9 })).toMatchObject([{ version: "1.0.0" }]);
    for (const digest of [digestOf("@a/spam@1.1.0"), digestOf("1.1.0")]) expect(await seen().lookups.needs(digest)).toBe(false);
    expect(await seen().lookups.withDigest(digestOf("@a/spam@1.1.0"), 9)).toEqual([]);
    expect(await seen().versions.withdrawal("@a/spam", "1.1.0")).toEqual({
      digest: digestOf("@a/spam@1.1.0"),
      at: AT.at,
      reason: "leaks names",
    });
    expect(await seen().versions.withdrawal("@a/spam", "1.0.0")).toBeUndefined();

    await expect(publish("1.1.0")).rejects.toMatchObject({ code: "WITHDRAWN" });
    await expect(publish("1.1.0", { digest: digestOf("other") })).rejects.toMatchObject({ code: "VERSION_TAKEN" });
    await expect(opened.store.versions.withdraw(place, { ...AT, reason: "again" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(opened.store.versions.setTag("@a/spam", "next", { version: "1.1.0", ...AT })).rejects.toMatchObject({ code: "NOT_FOUND" });

    await opened.store.versions.withdraw({ name: "@a/spam", version: "1.0.0" }, { ...AT, reason: "all of it" });
    expect(await seen().versions.tags("@a/spam")).toEqual({});
    expect(await found("")).toEqual([]);
    expect(await publish("1.2.0")).toBe("created");
    expect(await seen().versions.tags("@a/spam")).toEqual({ latest: "1.2.0" });
    expect(await found("")).toEqual(["1.2.0"]);
  });

  test("a staged version is seen by nobody, and publishing it ends the stage", async () => {
    const { staged } = opened.store;
    const version = aVersion("@a/spam", "1.0.0", { files: [{ path: "README.md", digest: digestOf("readme"), size: 10 }] });
    const first = { version, tag: "next", visibility: "private" as const, stagedAt: AT.at, stagedBy: "me" };
    await staged.put(first);
    await staged.put({ ...first, version: { ...version, digest: digestOf("better") } });
    await staged.put({ ...first, version: aVersion("@a/spam", "1.1.0") });
    await staged.put({ ...first, version: aVersion("@b/other", "1.0.0") });
    expect(await staged.get("@a/spam", "1.0.0")).toEqual({ ...first, version: { ...version, digest: digestOf("better") } });
    expect(await staged.get("@a/spam", "3.0.0")).toBeUndefined();
    const listed = async (query: object) =>
      (await staged.list({ limit: 9, ...query })).map(({ version: each }) => `${each.name}@${each.version}`);
    expect(await listed({})).toEqual(["@a/spam@1.0.0", "@a/spam@1.1.0", "@b/other@1.0.0"]);
    expect(await listed({ after: "@a/spam@1.0.0", limit: 1 })).toEqual(["@a/spam@1.1.0"]);
    expect(await listed({ name: "@b/other" })).toEqual(["@b/other@1.0.0"]);
    expect(await seen().versions.numbers("@a/spam")).toEqual([]);
    expect(await seen().lookups.needs(digestOf("better"))).toBe(false);
    await opened.store.versions.publish({ ...version, digest: digestOf("better") });
    expect(await listed({ name: "@a/spam" })).toEqual(["@a/spam@1.1.0"]);
    expect(await staged.namesWith(digestOf("@b/other@1.0.0"))).toEqual(["@b/other"]);
    const place = { name: "@a/spam", version: "1.1.0" };
    expect([await staged.delete(place), await staged.delete(place)]).toEqual([true, false]);
  });

  test("names that look alike are one name", async () => {
    await opened.store.versions.publish(aVersion("@acme/warm-model-10", "1.0.0"));
    for (const each of ["@acme/warm-model-l0", "@acme/warm-model-1o", "@acme/warmmodel10", "@acme/vvarm-model-10", "@acrne/warm-model-10"])
      await expect(opened.store.versions.publish(aVersion(each, "1.0.0"))).rejects.toMatchObject({
        code: "CONFLICT",
        message: expect.stringContaining("@acme") as string,
      });
  });
}
