import { GraftError, isGraftError } from "@graft/error";
import type { VersionRecord } from "@graft/protocol";
import type { Context, Hono } from "hono";
import { type BaseFolders, servedBase } from "../base-files.ts";
import { readAttachments } from "../attachments.ts";
import { originOf, type PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { feedResponse } from "../feeds/atom.ts";
import { Adapter } from "../pages/adapter.tsx";
import { Difference } from "../pages/difference.tsx";
import { Inside } from "../pages/inside.tsx";
import { Scope } from "../pages/scope.tsx";
import { Try } from "../pages/try.tsx";
import { Versions } from "../pages/versions.tsx";
import { adapterPicture, PICTURE } from "../pictures/adapter-picture.ts";
import { drawPng } from "../pictures/draw-png.ts";

/** Days of downloads that a page draws. */
const DAYS = 30;
/** Adapters that may be tried beside one. */
const BESIDE = 12;
const NAME = "/:scope{@[a-z0-9._-]+}/:name{[a-z0-9._-]+}";

/** Pages about one adapter. */
export function mountAdapterPages(app: Hono<PageEnvironment>, folders: BaseFolders): void {
  const show = async (context: Context<PageEnvironment>, range: string): Promise<Response> => {
    const client = context.get("client");
    const record = await client.resolve(nameOf(context), { range });
    const [base, downloads, proof, attachments] = await Promise.all([
      client.base(record.base).catch(whereAbsent),
      client.downloads(record.name, DAYS),
      client.prove(record).catch(whereAbsent),
      readAttachments(context.get("ask"), record),
    ]);
    return page(
      context,
      <Adapter record={record} base={base} downloads={downloads} proof={proof} attachments={attachments} origin={originOf(context)} />,
    );
  };
  app.get("/:scope{@[a-z0-9._-]+}", async (context) => {
    const scope = context.req.param("scope");
    const response = await context.get("client").search("", { filters: { publisher: [scope.slice(1)] }, limit: 50 });
    if (response.results.length === 0) throw new GraftError("NOT_FOUND", `Cannot find ${scope}: it has published nothing that you may see`);
    return page(context, <Scope scope={scope} response={response} />);
  });
  app.get(NAME, (context) => show(context, "latest"));
  app.get(`${NAME}/v/:version`, (context) => show(context, context.req.param("version")));
  app.get(`${NAME}/versions`, async (context) => {
    const client = context.get("client");
    const name = nameOf(context);
    const [record, adapter] = await Promise.all([
      latest(context),
      client.adapter(name, { limit: 50, cursor: context.req.query("cursor") }),
    ]);
    return page(context, <Versions record={record} adapter={adapter} />);
  });
  app.get(`${NAME}/difference`, async (context) => {
    const client = context.get("client");
    const { from = "latest", to = "latest" } = context.req.query();
    const [before, after] = await Promise.all([from, to].map((range) => client.resolve(nameOf(context), { range })));
    return page(context, <Difference before={before as VersionRecord} after={after as VersionRecord} />);
  });
  app.get(`${NAME}/try`, async (context) => {
    const record = await latest(context);
    const [base, found] = await Promise.all([
      servedBase(folders, record.base),
      context.get("client").find({ fingerprint: record.base, limit: BESIDE }),
    ]);
    return page(context, <Try record={record} base={base} others={found.matches} />);
  });
  app.get(`${NAME}/inside`, async (context) => page(context, <Inside record={await latest(context)} />));
  app.get(`${NAME}/picture.png`, async (context) => {
    const png = await drawPng(adapterPicture(await latest(context)), PICTURE.width);
    return context.body(png, 200, { "content-type": "image/png", "cache-control": "private, max-age=3600" });
  });
  app.get(`${NAME}/feed.xml`, async (context) => {
    const name = nameOf(context);
    const { versions, description } = await context.get("client").adapter(name, { limit: 50 });
    return feedResponse(context, { title: name, entries: versions.map((version) => ({ ...version, description })) });
  });
}

function nameOf(context: Context<PageEnvironment>): string {
  return `${context.req.param("scope")}/${context.req.param("name")}`;
}

function latest(context: Context<PageEnvironment>): Promise<VersionRecord> {
  return context.get("client").resolve(nameOf(context), { range: "latest" });
}

/** A page that can do without a thing does so; any other fault is one. */
function whereAbsent(cause: unknown): undefined {
  if (isGraftError(cause) && cause.code === "NOT_FOUND") return undefined;
  throw cause;
}
