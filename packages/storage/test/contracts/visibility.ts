import { EVERYTHING, STRANGER, type Viewer } from "@graft/storage";
import { expect, test } from "vitest";
import { aSearch, aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const VIEWERS: readonly (readonly [why: string, viewer: Viewer, sees: boolean])[] = [
  ["a stranger", STRANGER, false],
  ["the registry", EVERYTHING, true],
  ["somebody of the scope", { everything: false, scopes: ["a"], names: [] }, true],
  ["somebody of the name", { everything: false, scopes: ["b"], names: ["@a/secret"] }, true],
  ["somebody of another scope", { everything: false, scopes: ["b", "secret", "@a", "a/secret", "a%"], names: [] }, false],
  ["somebody of another name", { everything: false, scopes: [], names: ["@a/secre", "@a/secrets", "@a/%", "*"] }, false],
];

/** Every read of adapters, with whether it tells of "@a/secret". */
function reads({ store }: Pick<StoreUnderTest, "store">, viewer: Viewer): Readonly<Record<string, () => Promise<unknown>>> {
  const { versions, lookups, search } = store.seenBy(viewer);
  const secret = aVersion("@a/secret", "1.0.0");
  return {
    get: () => versions.get("@a/secret", "1.0.0"),
    list: () => versions.list("@a/secret", { limit: 10 }),
    numbers: () => versions.numbers("@a/secret"),
    tags: () => versions.tags("@a/secret"),
    visibility: () => versions.visibility("@a/secret"),
    "with digest": () => lookups.withDigest(secret.digest, 10),
    "with tensors": () => lookups.withTensors(secret.tensorsDigest, 10),
    "find by base": () => lookups.find({ base: secret.base, matrices: [], limit: 10 }),
    "find by matrices": () => lookups.find({ matrices: [digestOf("q")], limit: 10 }),
    "search for words": () => search.find(aSearch({ text: "secret" })),
    "search for nothing": () => search.find(aSearch()),
    "search by a filter": () => search.find(aSearch({ filters: { publisher: ["a"] } })),
    downloads: async () => ((await search.downloads("@a/secret", "2026-01-01")).total > 0 ? "secret" : ""),
  };
}

/** What every store must do for those who may not read everything. */
export function visibilityContract(opened: StoreUnderTest): void {
  test.each(VIEWERS)("a private adapter, as %s sees it, is there or is not, whatever is asked", async (_, viewer, sees) => {
    await opened.store.versions.publish(aVersion("@a/secret", "1.0.0"), { visibility: "private" });
    await opened.store.downloads.add("2026-01-02", new Map([[digestOf("@a/secret@1.0.0"), 3]]));
    for (const [what, read] of Object.entries(reads(opened, viewer))) {
      const said = JSON.stringify(await read()) ?? "";
      expect([what, /secret|1\.0\.0|private/.test(said)]).toEqual([what, sees]);
    }
  });

  test("a public adapter is there for everybody, also beside a private one of the same bytes", async () => {
    const bytes = { digest: digestOf("same bytes") };
    await opened.store.versions.publish(aVersion("@a/secret", "1.0.0", bytes), { visibility: "private" });
    await opened.store.versions.publish(aVersion("@b/open", "1.0.0", bytes));
    for (const [, viewer, sees] of VIEWERS) {
      const { versions, lookups } = opened.store.seenBy(viewer);
      expect(await versions.numbers("@b/open")).toEqual(["1.0.0"]);
      const found = (await lookups.withDigest(bytes.digest, 10)).map(({ name }) => name);
      expect(found).toEqual(sees ? ["@a/secret", "@b/open"] : ["@b/open"]);
    }
  });

  test("pages are full whatever is hidden between their items", async () => {
    for (const index of [1, 2, 3, 4, 5, 6])
      await opened.store.versions.publish(aVersion(`@a/n${index}`, "1.0.0"), { visibility: index % 2 === 0 ? "private" : "public" });
    const names = (found: readonly { name: string }[]) => found.map(({ name }) => name);
    const { lookups, search } = opened.store.seenBy(STRANGER);
    expect(names((await search.find(aSearch({ limit: 3 }))).items)).toEqual(["@a/n1", "@a/n3", "@a/n5"]);
    expect(names(await lookups.find({ base: digestOf("tiny"), matrices: [], limit: 2, after: "0:@a/n1" }))).toEqual(["@a/n3", "@a/n5"]);
  });

  test("an adapter keeps its visibility; publishing with another is refused", async () => {
    await opened.store.versions.publish(aVersion("@a/secret", "1.0.0"), { visibility: "private" });
    await opened.store.versions.publish(aVersion("@a/secret", "1.1.0"));
    const opening = opened.store.versions.publish(aVersion("@a/secret", "1.2.0"), { visibility: "public" });
    await expect(opening).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await opened.store.seenBy(EVERYTHING).versions.visibility("@a/secret")).toBe("private");
    expect(await opened.store.seenBy(EVERYTHING).versions.numbers("@a/secret")).toEqual(["1.1.0", "1.0.0"]);
  });
}
