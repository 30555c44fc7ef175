import type { Digest } from "@graft/digest";
import { expect, test } from "vitest";
import { aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const at = (second: number): string => new Date(second * 1000).toISOString();

/** What every store of records of blobs must do. */
export function blobRecordsContract(opened: StoreUnderTest): void {
  const [named, unnamed] = [digestOf("named"), digestOf("unnamed")].toSorted() as [Digest, Digest];
  const publish = (version: string, isStored?: () => Promise<boolean>) =>
    opened.store.versions.publish(aVersion("@a/spam", version, { digest: named }), { isStored });
  const page = { limit: 10 };
  const never = async (): Promise<void> => expect.unreachable("it was removed");

  test("who had the bytes of a blob is known, for that blob and nobody else", async () => {
    await opened.store.blobs.uploaded(named, { owner: "me", at: at(1) });
    await opened.store.blobs.uploaded(named, { owner: "me", at: at(2) });
    const asked = [
      [named, "me"],
      [named, "you"],
      [unnamed, "me"],
    ] as const;
    expect(await Promise.all(asked.map(([digest, owner]) => opened.store.blobs.hasUploaded(digest, owner)))).toEqual([true, false, false]);
  });

  test("what nothing names is marked once, and what is named loses its mark", async () => {
    const { blobs } = opened.store;
    await blobs.mark([named, unnamed], at(1));
    expect(await blobs.marked(at(2), page)).toEqual([named, unnamed]);
    expect(await blobs.marked(at(2), { limit: 1, after: named })).toEqual([unnamed]);
    await publish("1.0.0");
    await blobs.mark([named, unnamed], at(5));
    expect(await blobs.marked(at(2), page)).toEqual([unnamed]);
  });

  test("only what was marked before and is named by nothing is removed, with who had it", async () => {
    const { blobs } = opened.store;
    await blobs.uploaded(unnamed, { owner: "me", at: at(1) });
    expect(await blobs.collect(unnamed, { before: at(9), remove: never })).toBe(false);
    await blobs.mark([named, unnamed], at(2));
    expect(await blobs.collect(unnamed, { before: at(2), remove: never })).toBe(false);
    await publish("1.0.0");
    expect(await blobs.collect(named, { before: at(9), remove: never })).toBe(false);
    const removed: string[] = [];
    expect(await blobs.collect(unnamed, { before: at(9), remove: async () => void removed.push(unnamed) })).toBe(true);
    expect([removed, await blobs.hasUploaded(unnamed, "me")]).toEqual([[unnamed], false]);
  });

  test("a staged version and files beside a version name their blobs; a withdrawn version names none", async () => {
    const { blobs, staged, versions } = opened.store;
    const version = {
      ...aVersion("@a/spam", "1.0.0", { digest: named }),
      files: [{ path: "README.md", digest: unnamed, size: 1 }] as const,
    };
    const unnamedNow = async (): Promise<Digest[]> => {
      await blobs.mark([named, unnamed], at(1));
      return await blobs.marked(at(2), page);
    };
    await staged.put({ version, stagedAt: at(1), stagedBy: "me" });
    expect(await unnamedNow()).toEqual([]);
    await versions.publish(version);
    expect(await unnamedNow()).toEqual([]);
    await versions.withdraw({ name: "@a/spam", version: "1.0.0" }, { at: at(2), reason: "broken" });
    expect(await unnamedNow()).toEqual([named, unnamed]);
  });

  test("what was uploaded again since then stays", async () => {
    const { blobs } = opened.store;
    await blobs.mark([unnamed], at(2));
    await blobs.uploaded(unnamed, { owner: "me", at: at(5) });
    expect(await blobs.collect(unnamed, { before: at(4), remove: never })).toBe(false);
  });

  test("a blob that cannot be removed stays marked", async () => {
    const { blobs } = opened.store;
    await blobs.mark([unnamed], at(2));
    await expect(blobs.collect(unnamed, { before: at(9), remove: () => Promise.reject(new Error("away")) })).rejects.toThrow("away");
    expect(await blobs.marked(at(9), page)).toEqual([unnamed]);
  });

  test("of a publish and a removal at once, one sees the other", async () => {
    const other = await opened.again();
    let isThere = true;
    for (let round = 0; round < 20; round++) {
      isThere = true;
      await opened.store.blobs.mark([named], at(1));
      const slowly = async (): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        isThere = false;
      };
      const [published, removed] = await Promise.allSettled([
        publish(`1.${round}.0`, async () => isThere),
        other.blobs.collect(named, { before: at(2), remove: slowly }),
      ]);
      const isRemoved = removed.status === "fulfilled" && removed.value;
      if (published.status === "rejected") expect(published.reason).toMatchObject({ code: "NOT_FOUND" });
      expect([published.status === "fulfilled", isThere]).toEqual([!isRemoved, !isRemoved]);
      // Once a version names it, it stays for good.
      if (!isRemoved) break;
    }
    await other.close();
  });
}
