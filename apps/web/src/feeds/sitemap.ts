import { escapeXml } from "./escape-xml.ts";

/** A sitemap (sitemaps.org, version 0.9) of paths of one origin. */
export function sitemap(origin: string, paths: readonly string[]): string {
  const lines = paths.map((path) => `  <url><loc>${escapeXml(origin + path)}</loc></url>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${lines.join("")}</urlset>
`;
}
