import { EVERYTHING } from "@graft/storage";
import { expect, test } from "vitest";
import { aBase, aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

/** What every store must answer that is not about one name. */
export function lookupStoreContract(opened: StoreUnderTest): void {
  test("find ranks same base, all targets, some targets; one version per adapter, releases first", async () => {
    await opened.store.bases.put(aBase("other", ["q", "x"]));
    await opened.store.versions.publish(aVersion("@a/same", "1.0.0", { targets: [digestOf("q"), digestOf("k")] }));
    await opened.store.versions.publish(aVersion("@a/same", "1.1.0", { targets: [digestOf("q")] }));
    await opened.store.versions.publish(aVersion("@a/same", "2.0.0-rc.1", { targets: [] }));
    await opened.store.versions.publish(aVersion("@a/none", "1.0.0", { targets: [] }));
    await opened.store.versions.publish(aVersion("@b/all", "1.0.0", { base: digestOf("other"), targets: [digestOf("q")] }));
    await opened.store.versions.publish(aVersion("@b/some", "1.0.0", { base: digestOf("other"), targets: [digestOf("q"), digestOf("x")] }));
    const query = { base: digestOf("tiny"), matrices: [digestOf("q"), digestOf("k")], limit: 10 };
    const short = async (more: object) =>
      (await opened.store.seenBy(EVERYTHING).lookups.find({ ...query, ...more })).map(
        ({ name: found, version, rank, present, targetCount }) => [found, version, rank, present, targetCount],
      );
    const all = [
      ["@a/none", "1.0.0", 0, 0, 0],
      ["@a/same", "1.1.0", 0, 1, 1],
      ["@b/all", "1.0.0", 1, 1, 1],
      ["@b/some", "1.0.0", 3, 1, 2],
    ];
    expect(await short({})).toEqual(all);
    expect(await short({ origin: digestOf("other") })).toEqual([...all.slice(0, 3), ["@b/some", "1.0.0", 2, 1, 2]]);
    expect(await short({ after: "0:@a/same" })).toEqual(all.slice(2));
    expect(await short({ base: undefined, matrices: [] })).toEqual([]);
  });

  test("versions are found by the digest of the file and of the tensors", async () => {
    for (const version of ["1.0.0", "1.1.0", "1.2.0"]) await opened.store.versions.publish(aVersion("@a/spam", version));
    const { lookups } = opened.store.seenBy(EVERYTHING);
    expect(await lookups.withDigest(digestOf("@a/spam@1.0.0"), 10)).toMatchObject([{ version: "1.0.0" }]);
    expect(await lookups.withTensors(digestOf("tensors"), 2)).toHaveLength(2);
  });
}
