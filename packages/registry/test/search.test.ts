import { DownloadsRecord, SearchResponse } from "@graft/protocol";
import { countDownloads } from "@graft/registry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

async function search(query: string): Promise<SearchResponse> {
  return SearchResponse.parse(await (await registry.send("GET", `/v1/search?${query}`, { token: null })).json());
}
const names = async (query: string) => (await search(query)).results.map(({ name }) => name);

async function publishSome(): Promise<void> {
  await publishTo(registry, {
    name: "@acme/spam",
    manifest: { description: "Finds 100% of spam", license: "MIT", languages: ["en", "de"] },
  });
  await publishTo(registry, {
    name: "@acme/topics",
    base: aBase("big"),
    manifest: { description: "Sorts news", keywords: ["news", "topics"] },
  });
  await publishTo(registry, { name: "@beta/topics", version: "0.1.0-rc.1", manifest: { description: "Old" } });
  await publishTo(registry, { name: "@beta/topics", version: "0.1.0", manifest: { description: "Sorts mail into topics" } });
}

test("search wants every word, takes signs as none, and goes on page by page", async () => {
  await publishSome();
  expect(await names("q=TOPICS%20sorts")).toEqual(["@acme/topics", "@beta/topics"]);
  expect(await names("q=100%25")).toEqual(["@acme/spam"]);
  for (const nothing of ["q=1__%25%20x", "q=')%20or%201=1", "q=old", "q=%25"])
    expect([nothing, await names(nothing)]).toEqual([nothing, []]);
  const first = await search("limit=2");
  expect([first.results.map(({ name }) => name), first.total]).toEqual([["@acme/spam", "@acme/topics"], { count: 3, isMore: false }]);
  const second = await search(`limit=2&cursor=${first.next}`);
  expect([second.results.map(({ name }) => name), second.next]).toEqual([["@beta/topics"], undefined]);
  expect((await search("q=mail%20into")).results).toMatchObject([
    {
      name: "@beta/topics",
      version: "0.1.0",
      description: "Sorts mail into topics",
      baseName: "tiny",
      publisher: "beta",
      rank: 2,
      languages: [],
      downloads: 0,
    },
  ]);
});

test("filters narrow, each of them once or several times, and facets count what is left", async () => {
  await publishSome();
  expect(await names("license=MIT")).toEqual(["@acme/spam"]);
  expect(await names("publisher=acme&language=de")).toEqual(["@acme/spam"]);
  expect(await names("base=big&base=none")).toEqual(["@acme/topics"]);
  expect(await names(`base=${encodeURIComponent(aBase("tiny").fingerprint)}&rank=2`)).toEqual(["@acme/spam", "@beta/topics"]);
  const { facets } = await search("q=topics&publisher=acme&facets=true");
  expect(facets?.publisher).toEqual([
    { value: "acme", count: 1, isMore: false },
    { value: "beta", count: 1, isMore: false },
  ]);
  expect(facets?.base).toMatchObject([{ label: "big", count: 1 }]);
  expect((await search("q=topics")).facets).toBeUndefined();
  for (const wrong of ["order=best", "facets=maybe", "task=", `base=${"x".repeat(300)}`])
    expect([wrong, (await registry.send("GET", `/v1/search?${wrong}`)).status]).toEqual([wrong, 400]);
});

test("a download is counted when it begins: not the head, not what goes on, not what is in a cache", async () => {
  await registry.close();
  let now = new Date("2026-03-01T12:00:00.000Z");
  const counted: string[] = [];
  registry = await aRegistry({ clock: () => now, countDownload: (digest) => counted.push(digest) });
  await publishTo(registry);
  const { request } = await anAdapter();
  const path = `/v1/blobs/${request.digest}`;
  const read = async (method: string, headers: Record<string, string> = {}) => {
    const response = await registry.send(method, path, { headers });
    await response.arrayBuffer();
  };
  await read("GET");
  await read("GET", { range: "bytes=0-9" });
  await read("GET", { range: "bytes=10-" });
  await read("GET", { "if-none-match": `"${request.digest}"` });
  await read("HEAD");
  expect(counted).toEqual([request.digest, request.digest]);

  const counter = countDownloads(registry.metadata, { seconds: 3_600, clock: () => now });
  for (const digest of counted) counter.count(digest as typeof request.digest);
  now = new Date("2026-03-02T00:00:01.000Z");
  counter.count(request.digest);
  await counter.close();
  const downloads = async (days: number) =>
    DownloadsRecord.parse(await (await registry.send("GET", `/v1/adapters/acme/spam/downloads?days=${days}`, { token: null })).json());
  expect(await downloads(30)).toEqual({
    name: "@acme/spam",
    total: 3,
    days: [
      { day: "2026-03-01", count: 2 },
      { day: "2026-03-02", count: 1 },
    ],
    versions: [{ version: "1.0.0", count: 3 }],
  });
  expect((await downloads(1)).days).toEqual([{ day: "2026-03-02", count: 1 }]);
  expect((await search("order=downloads")).results).toMatchObject([{ name: "@acme/spam", downloads: 3 }]);
  expect((await registry.send("GET", "/v1/adapters/acme/none/downloads", { token: null })).status).toBe(404);
});
