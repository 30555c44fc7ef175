import { GraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import { joinName, ROUTES } from "@graft/protocol";
import { EVERYTHING, type AuditEntry } from "@graft/storage";
import { auditEntry, type AuditFacts } from "../access/audit-entry.ts";
import { allowed } from "../authorize.ts";
import { scopeOf, type Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { cutPage, storePage } from "../cursor.ts";
import { publish } from "../publish.ts";
import { readingsFor } from "../readings.ts";
import { given, versionRecord, versionSummary } from "../records.ts";
import { resolve } from "../resolve.ts";
import { withdrawn } from "../withdraw.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Adapters, versions and tags. */
export function mountAdapters(app: RegistryApp, parts: RegistryParts): void {
  const { metadata, clock } = parts;
  /** When a change of a name happens, and what the log of changes says of it. */
  const change = (caller: Caller, facts: AuditFacts & { readonly subject: string }): { at: string; entry: AuditEntry } => ({
    at: clock().toISOString(),
    entry: auditEntry(parts, caller, { ...facts, scope: scopeOf(facts.subject) }),
  });
  app.openapi(route(ROUTES.getAdapter), async (context) => {
    const name = nameOf(context.req.valid("param"));
    const query = context.req.valid("query");
    const versions = readingsFor(parts, context).versions;
    const found = await versions.list(name, storePage(query));
    const [newest] = found;
    if (newest === undefined) throw new GraftError("NOT_FOUND", `Cannot find ${name}: there is no such adapter`);
    const { items, ...rest } = cutPage(found, { limit: query.limit, key: ({ version }) => version });
    return context.json(
      {
        name,
        ...given({ description: newest.description }),
        access: (await versions.visibility(name)) ?? "public",
        tags: await versions.tags(name),
        versions: items.map(versionSummary),
        ...rest,
      },
      200,
    );
  });
  app.openapi(route(ROUTES.resolve), async (context) => {
    const record = await resolve(
      readingsFor(parts, context).versions,
      nameOf(context.req.valid("param")),
      context.req.valid("query").range,
    );
    return context.json(record, 200);
  });
  app.openapi(route(ROUTES.getVersion), async (context) => {
    const parameters = context.req.valid("param");
    const name = nameOf(parameters);
    const versions = readingsFor(parts, context).versions;
    const version = await versions.get(name, parameters.version);
    const gone = version === undefined ? await versions.withdrawal(name, parameters.version) : undefined;
    if (gone !== undefined) throw withdrawn({ name, version: parameters.version, ...gone });
    if (version === undefined) throw new GraftError("NOT_FOUND", `Cannot find ${name}@${parameters.version}: there is no such version`);
    return context.json(versionRecord(version, await versions.tags(name)), 200);
  });
  app.openapi(route(ROUTES.publish), async (context) => {
    const parameters = context.req.valid("param");
    const published = await publish(parts, {
      caller: context.get("caller"),
      name: nameOf(parameters),
      version: parameters.version,
      request: context.req.valid("json"),
    });
    return context.json(published, published.status === "created" ? 201 : 200);
  });
  app.openapi(route(ROUTES.listTags), async (context) => {
    const name = nameOf(context.req.valid("param"));
    const tags = await readingsFor(parts, context).versions.tags(name);
    if (Object.keys(tags).length === 0) throw new GraftError("NOT_FOUND", `Cannot find ${name}: there is no such adapter`);
    return context.json({ tags }, 200);
  });
  app.openapi(route(ROUTES.putTag), async (context) => {
    const { tag, ...rest } = context.req.valid("param");
    const name = nameOf(rest);
    const caller = allowed(context.get("caller"), "publish", name);
    const { version } = context.req.valid("json");
    await metadata.versions.setTag(name, tag, {
      version,
      ...change(caller, { action: "tag.set", subject: name, detail: { tag, version } }),
    });
    return context.json({ tags: await metadata.seenBy(EVERYTHING).versions.tags(name) }, 200);
  });
  app.openapi(route(ROUTES.deleteTag), async (context) => {
    const { tag, ...rest } = context.req.valid("param");
    const name = nameOf(rest);
    const caller = allowed(context.get("caller"), "publish", name);
    if (tag === "latest")
      throw new GraftError("USAGE", `Cannot remove the tag "latest" of ${name}: a plain pull asks for it`, {
        hint: "Move it to another version",
      });
    await metadata.versions.deleteTag(name, tag, change(caller, { action: "tag.remove", subject: name, detail: { tag } }));
    return context.json({ tags: await metadata.seenBy(EVERYTHING).versions.tags(name) }, 200);
  });
}

function nameOf(parts: { readonly scope: string; readonly name: string }): string {
  return checked(Name, joinName(parts), "name");
}
