import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVERYTHING, SEARCH_WINDOW, type AdapterSearch, type MetadataStore } from "@graft/storage";
import { openPostgresStore, openSqliteStore } from "@graft/storage/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPostgres, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { scaleAdapter, scaleBases } from "../src/registry-scale/dataset.ts";
import { fill } from "../src/registry-scale/fill.ts";
import { FREQUENT } from "../src/registry-scale/vocabulary.ts";

/** So many that a third of them is more than a search looks at. */
const ADAPTERS = 6_600;
const adapters = Array.from({ length: ADAPTERS }, (_, index) => scaleAdapter(index, ADAPTERS));
const frequent = adapters.filter(({ description }) => description.split(" ").includes(FREQUENT));

/** Every answer is held against a look at each adapter. */
function answersAsBruteForce(opened: () => MetadataStore): void {
  const find = (search: Partial<AdapterSearch>) =>
    opened()
      .seenBy(EVERYTHING)
      .search.find({ text: "", filters: {}, order: "relevance", limit: 50, withFacets: false, ...search });

  test("more matches than a search looks at: the most downloaded and the newest are found all the same", async () => {
    expect(frequent.length).toBeGreaterThan(SEARCH_WINDOW);
    const byDownloads = await find({ text: FREQUENT, order: "downloads" });
    expect(byDownloads.total).toEqual({ count: 1_000, isMore: true });
    const most = frequent.map(({ downloads }) => downloads).toSorted((one, other) => other - one);
    expect(byDownloads.items.map(({ downloads }) => downloads)).toEqual(most.slice(0, 50));
    const newest = frequent
      .map(({ publishedAt }) => publishedAt)
      .toSorted()
      .toReversed();
    const byDate = await find({ text: FREQUENT, order: "date" });
    expect(byDate.items.map(({ publishedAt }) => publishedAt)).toEqual(newest.slice(0, 50));
    const everything = adapters
      .map(({ publishedAt }) => publishedAt)
      .toSorted()
      .toReversed();
    expect((await find({ order: "date" })).items.map(({ publishedAt }) => publishedAt)).toEqual(everything.slice(0, 50));
  });

  test("fewer matches are all found, counted and told apart by filters", async () => {
    const license = ({ manifest }: (typeof adapters)[number]) => String(manifest["license"]);
    const some = frequent.filter(({ method }) => method === "ia3");
    const { items, total, facets } = await find({ text: FREQUENT, filters: { method: ["ia3"] }, limit: 2_000, withFacets: true });
    expect(items.map(({ name }) => name).toSorted()).toEqual(some.map(({ name }) => name).toSorted());
    expect(total).toEqual({ count: some.length, isMore: false });
    for (const { value, count } of facets?.license ?? []) expect(count).toBe(some.filter((each) => license(each) === value).length);
    expect(facets?.license).toHaveLength(3);
  });

  test("what fits a base is found whole, page by page", async () => {
    const [base] = scaleBases(ADAPTERS);
    const names: string[] = [];
    for (let after: string | undefined, page = 0; page < 100; page++) {
      const query = { matrices: base?.matrices ?? [], limit: 100, after };
      const found = await opened().seenBy(EVERYTHING).lookups.find(query);
      names.push(...found.map(({ name }) => name));
      const last = found.at(-1);
      if (last === undefined) break;
      after = `${last.rank}:${last.name}`;
    }
    expect(names).toEqual(
      adapters
        .filter((each) => each.base === 0)
        .map(({ name }) => name)
        .toSorted(),
    );
  });
}

describe("SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "graft-scale-"));
  let store: MetadataStore;
  beforeAll(async () => {
    const path = join(folder, "registry.sqlite");
    await fill(path, { adapters: ADAPTERS, versions: 1 });
    store = await openSqliteStore(path);
  });
  afterAll(async () => {
    await store?.close();
    rmSync(folder, { recursive: true });
  });
  answersAsBruteForce(() => store);
});

describe.skipIf(noPostgres !== undefined)("PostgreSQL", () => {
  let server: PostgresServer;
  let store: MetadataStore;
  beforeAll(async () => {
    server = await startPostgres();
    const url = server.createDatabase();
    await fill(url, { adapters: ADAPTERS, versions: 1 });
    store = await openPostgresStore(url);
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });
  answersAsBruteForce(() => store);
});
