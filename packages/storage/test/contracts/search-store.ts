import { EVERYTHING, type AdapterSearch, type StoredVersion } from "@graft/storage";
import { expect, test } from "vitest";
import { aBase, aSearch, aVersion, digestOf } from "./a-version.ts";
import type { StoreUnderTest } from "./opened-store.ts";

/** A version whose columns and manifest say the same. */
function described(name: string, version: string, manifest: Record<string, unknown>, options: Partial<StoredVersion> = {}): StoredVersion {
  return aVersion(name, version, { manifest, keywords: [], ...options });
}

/** What every store must find. */
export function searchStoreContract(opened: StoreUnderTest): void {
  const find = (search: Partial<AdapterSearch>) => opened.store.seenBy(EVERYTHING).search.find(aSearch(search));
  const names = async (search: Partial<AdapterSearch>) => (await find(search)).items.map(({ name }) => name);

  test("every word must be there or begin one that is, in any field, whatever its case and accents", async () => {
    const manifest = { description: "Trie le café, 100 % local", keywords: ["mail"], task: { labels: ["junk-food"] } };
    await opened.store.versions.publish(described("@a/spam-filter", "1.0.0", manifest));
    for (const text of ["spam", "SPAM filter", "cafe", "CAFÉ trie", "100%", "mail junk", "classif", "tiny", "a", "lora food"])
      expect([text, await names({ text })]).toEqual([text, ["@a/spam-filter"]]);
    for (const text of ["spam missing", "pam", "%", "!", "lor a b", "f"]) expect([text, await names({ text })]).toEqual([text, []]);
  });

  test("signs of scripts without spaces are words", async () => {
    await opened.store.versions.publish(described("@a/zh", "1.0.0", { description: "垃圾邮件分类" }));
    expect(await names({ text: "邮件" })).toEqual(["@a/zh"]);
    expect(await names({ text: "狗" })).toEqual([]);
  });

  test("the newest release is what is found; older words and pre-releases are not", async () => {
    await opened.store.versions.publish(described("@a/spam", "1.0.0", { description: "finds spam" }));
    await opened.store.versions.publish(described("@a/spam", "1.1.0", { description: "detects junk", license: "MIT" }));
    await opened.store.versions.publish(described("@a/spam", "1.2.0-rc.1", { description: "experimental" }));
    expect((await find({ text: "junk" })).items).toMatchObject([
      { name: "@a/spam", version: "1.1.0", baseName: "tiny", license: "MIT", publisher: "a", downloads: 0, languages: [] },
    ]);
    for (const text of ["finds", "experimental"]) expect(await names({ text })).toEqual([]);
  });

  test("a word weighs most in the name, then in the tags, then in the description; what is as good is ordered by downloads", async () => {
    await opened.store.versions.publish(described("@a/in-text", "1.0.0", { description: "about topics" }));
    await opened.store.versions.publish(described("@a/in-tags", "1.0.0", { keywords: ["topics"] }));
    await opened.store.versions.publish(described("@b/topics", "1.0.0", {}));
    await opened.store.versions.publish(described("@a/topics", "1.0.0", {}));
    await opened.store.downloads.add("2026-01-03", new Map([[digestOf("@b/topics@1.0.0"), 5]]));
    expect(await names({ text: "topics" })).toEqual(["@b/topics", "@a/topics", "@a/in-tags", "@a/in-text"]);
    expect(await names({ text: "topic" })).toEqual(["@b/topics", "@a/topics", "@a/in-tags", "@a/in-text"]);
  });

  test("filters narrow: any value of one, all filters together; facets count as if their filter were not set", async () => {
    await opened.store.bases.put(aBase("other"));
    const adapters: readonly [string, Record<string, unknown>, Partial<StoredVersion>][] = [
      ["@a/one", { license: "MIT", languages: ["en", "pt-BR"], targets: [{ rank: 8 }, { rank: 4 }] }, { method: "lora" }],
      ["@a/two", { license: "Apache-2.0", languages: ["en"], targets: [{ rank: 16 }] }, { method: "dora" }],
      ["@b/three", { license: "MIT" }, { method: "bitfit", task: "embedding", base: digestOf("other") }],
    ];
    for (const [name, manifest, options] of adapters) await opened.store.versions.publish(described(name, "1.0.0", manifest, options));
    const cases: readonly [AdapterSearch["filters"], string[]][] = [
      [{ license: ["mit"] }, ["@a/one", "@b/three"]],
      [{ license: ["MIT"], method: ["lora", "dora"] }, ["@a/one"]],
      [{ language: ["pt-br"] }, ["@a/one"]],
      [{ language: ["pt"] }, []],
      [{ rank: ["8"] }, ["@a/one"]],
      [{ rank: ["4"] }, []],
      [{ base: ["other"] }, ["@b/three"]],
      [{ base: [digestOf("other")] }, ["@b/three"]],
      [{ publisher: ["a"] }, ["@a/one", "@a/two"]],
      [{ task: ["embedding"] }, ["@b/three"]],
      [{ task: [] }, []],
    ];
    for (const [filters, found] of cases) expect([filters, (await names({ filters })).toSorted()]).toEqual([filters, found]);
    const { total, facets } = await find({ filters: { license: ["MIT"] }, withFacets: true });
    expect(total).toEqual({ count: 2, isMore: false });
    expect(facets).toEqual({
      task: [
        { value: "embedding", count: 1, isMore: false },
        { value: "text-classification", count: 1, isMore: false },
      ],
      base: [
        { value: digestOf("other"), label: "other", count: 1, isMore: false },
        { value: digestOf("tiny"), label: "tiny", count: 1, isMore: false },
      ].toSorted((one, other) => (one.value < other.value ? -1 : 1)),
      method: [
        { value: "bitfit", count: 1, isMore: false },
        { value: "lora", count: 1, isMore: false },
      ],
      rank: [{ value: "8", count: 1, isMore: false }],
      license: [
        { value: "MIT", count: 2, isMore: false },
        { value: "Apache-2.0", count: 1, isMore: false },
      ],
      language: [
        { value: "en", count: 1, isMore: false },
        { value: "pt-BR", count: 1, isMore: false },
      ],
      publisher: [
        { value: "a", count: 1, isMore: false },
        { value: "b", count: 1, isMore: false },
      ],
    });
  });

  test("pages go on where the one before ended, in every order", async () => {
    for (let index = 0; index < 7; index++)
      await opened.store.versions.publish(described(`@a/n${index}`, "1.0.0", {}, { publishedAt: `2026-01-0${7 - index}T00:00:00.000Z` }));
    await opened.store.downloads.add(
      "2026-01-08",
      new Map(
        [
          ["@a/n5@1.0.0", 9],
          ["@a/n3@1.0.0", 2],
        ].map(([of, count]) => [digestOf(String(of)), Number(count)]),
      ),
    );
    const expected = {
      relevance: ["n5", "n3", "n0", "n1", "n2", "n4", "n6"],
      downloads: ["n5", "n3", "n0", "n1", "n2", "n4", "n6"],
      date: ["n0", "n1", "n2", "n3", "n4", "n5", "n6"],
    } as const;
    for (const order of ["relevance", "downloads", "date"] as const) {
      const found: string[] = [];
      for (let after: string | undefined, page = 0; page < 4; page++) {
        const { items } = await find({ order, limit: 2, after });
        found.push(...items.map(({ name }) => name.slice(3)));
        after = items.at(-1)?.place ?? after;
      }
      expect([order, found]).toEqual([order, expected[order]]);
    }
    for (const after of ["", "x", "[]", "{}", "[1,2]", "null"]) expect((await find({ after })).items.length).toBeLessThanOrEqual(7);
  });

  test("downloads are counted per version and day, added up, and never lost between two that add at once", async () => {
    for (const version of ["1.0.0", "1.1.0"]) await opened.store.versions.publish(described("@a/spam", version, {}));
    const [first, second] = [digestOf("@a/spam@1.0.0"), digestOf("@a/spam@1.1.0")];
    const other = await opened.again();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? opened.store : other).downloads.add(
          index < 10 ? "2026-01-03" : "2026-01-04",
          new Map([
            [first, 1],
            [second, 10],
          ]),
        ),
      ),
    );
    await other.close();
    await opened.store.downloads.add("2026-01-05", new Map([[digestOf("unknown"), 7]]));
    const { search } = opened.store.seenBy(EVERYTHING);
    expect(await search.downloads("@a/spam", "2026-01-04")).toEqual({
      total: 220,
      days: [{ day: "2026-01-04", count: 110 }],
      versions: [
        { version: "1.1.0", count: 100 },
        { version: "1.0.0", count: 10 },
      ],
    });
    expect((await find({ text: "spam" })).items).toMatchObject([{ downloads: 220 }]);
    expect(await search.downloads("@a/none", "2026-01-01")).toEqual({ total: 0, days: [], versions: [] });
  });
}
