import type { Hono } from "hono";
import { originOf, type PageEnvironment, type RegistryApp } from "../context.ts";
import { sitemap } from "../feeds/sitemap.ts";
import { page } from "../layout/render.ts";
import { type OpenApi, Reference } from "../pages/reference.tsx";

/** Adapters in a sitemap: what a search engine takes in one file is more, what a page should compute is not. */
const LISTED = 100;

/** What programs and those who write them look for: the reference, the sitemap, and what robots may visit. */
export function mountMachinePages(app: Hono<PageEnvironment>, registry: RegistryApp): void {
  app.get("/reference", async (context) => {
    const response = await registry.fetch(new Request("http://localhost/v1/openapi.json"));
    return page(context, <Reference document={(await response.json()) as OpenApi} />);
  });
  app.get("/sitemap.xml", async (context) => {
    const client = context.get("client");
    const [{ results }, { bases }] = await Promise.all([client.search("", { limit: LISTED }), client.bases({ limit: LISTED })]);
    const paths = [
      "/",
      "/search",
      "/bases",
      "/fits",
      "/reference",
      ...bases.map(({ fingerprint }) => `/bases/${fingerprint.slice("sha256:".length)}`),
      ...results.map(({ name }) => `/${name}`),
    ];
    return context.body(sitemap(originOf(context), paths), 200, { "content-type": "application/xml; charset=utf-8" });
  });
  app.get("/robots.txt", (context) =>
    context.text(`User-agent: *\nDisallow: /account\nDisallow: /admin\nSitemap: ${originOf(context)}/sitemap.xml\n`),
  );
}
