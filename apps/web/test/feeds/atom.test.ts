import { expect, test } from "vitest";
import { atomFeed } from "../../src/feeds/atom.ts";
import { escapeXml } from "../../src/feeds/escape-xml.ts";

test("text of strangers cannot leave its place in XML, nor make the document unreadable", () => {
  expect(escapeXml(`<a href="x">&'\u0000\u001b\uffff</a>`)).toBe("&lt;a href=&quot;x&quot;&gt;&amp;&apos;&lt;/a&gt;");
});

test("a feed lists versions newest first, and has the date of the newest", () => {
  const entry = (version: string, publishedAt: string) => ({ name: "@a/b", version, digest: `sha256:${version}`, publishedAt });
  const feed = atomFeed({
    origin: "https://registry.example",
    path: "/feed.xml",
    title: "New versions",
    entries: [entry("1.0.0", "2026-01-01T00:00:00Z"), entry("2.0.0", "2026-02-01T00:00:00Z")],
  });
  expect(feed.indexOf("@a/b 2.0.0")).toBeLessThan(feed.indexOf("@a/b 1.0.0"));
  expect(/<updated>([^<]+)</.exec(feed)?.[1]).toBe("2026-02-01T00:00:00Z");
});
