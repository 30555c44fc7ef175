import type { Context } from "hono";
import { escapeXml } from "./escape-xml.ts";

/** One new version. */
export interface FeedEntry {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly description?: string | undefined;
  readonly publishedAt: string;
}

/** A feed as an Atom document (RFC 4287), newest first. */
export function atomFeed(feed: {
  readonly origin: string;
  readonly path: string;
  readonly title: string;
  readonly entries: readonly FeedEntry[];
}): string {
  const { origin, path, title } = feed;
  const entries = feed.entries.toSorted((one, other) => other.publishedAt.localeCompare(one.publishedAt));
  const lines = entries.map(
    ({ name, version, digest, description, publishedAt }) => `  <entry>
    <id>urn:graft:${escapeXml(digest)}:${escapeXml(`${name}@${version}`)}</id>
    <title>${escapeXml(`${name} ${version}`)}</title>
    <link href="${escapeXml(`${origin}/${name}/v/${encodeURIComponent(version)}`)}"/>
    <updated>${escapeXml(publishedAt)}</updated>
    <author><name>${escapeXml(name.slice(0, name.indexOf("/")))}</name></author>
    <summary>${escapeXml(description ?? "")}</summary>
  </entry>
`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>${escapeXml(origin + path)}</id>
  <title>${escapeXml(title)}</title>
  <link rel="self" href="${escapeXml(origin + path)}"/>
  <updated>${escapeXml(entries[0]?.publishedAt ?? "1970-01-01T00:00:00Z")}</updated>
${lines.join("")}</feed>
`;
}

/** Answers with the feed of the address that was asked for. */
export function feedResponse(
  context: Context,
  { title, entries }: { readonly title: string; readonly entries: readonly FeedEntry[] },
): Response {
  const { origin, pathname, search } = new URL(context.req.url);
  return context.body(atomFeed({ origin, path: pathname + search, title, entries }), 200, {
    "content-type": "application/atom+xml; charset=utf-8",
  });
}
