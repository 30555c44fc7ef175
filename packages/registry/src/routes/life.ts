import { GraftError } from "@graft/error";
import { checked, Name, rangeHolds } from "@graft/format";
import { joinName, ROUTES } from "@graft/protocol";
import { EVERYTHING } from "@graft/storage";
import { auditEntry } from "../access/audit-entry.ts";
import { allowed } from "../authorize.ts";
import { scopeOf } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { approve, listStaged, stage, unstage } from "../stage.ts";
import { withdraw } from "../withdraw.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Deprecation, withdrawal, and versions that wait for approval. */
export function mountLife(app: RegistryApp, parts: RegistryParts): void {
  const { metadata, clock } = parts;
  app.openapi(route(ROUTES.deprecate), async (context) => {
    const name = nameOf(context.req.valid("param"));
    const caller = allowed(context.get("caller"), "publish", name);
    const { range, message } = context.req.valid("json");
    const numbers = await metadata.seenBy(EVERYTHING).versions.numbers(name);
    const versions = numbers.filter((version) => rangeHolds(range, version));
    if (versions.length === 0) throw new GraftError("NOT_FOUND", `Cannot deprecate ${name}@${range}: no version is in this range`);
    const entry = auditEntry(parts, caller, {
      action: "version.deprecate",
      subject: name,
      scope: scopeOf(name),
      detail: { range, message },
    });
    const changed = await metadata.versions.deprecate({ name, versions, message }, { at: clock().toISOString(), entry });
    return context.json({ versions: changed }, 200);
  });
  app.openapi(route(ROUTES.withdraw), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    const { reason } = context.req.valid("query");
    return context.json(await withdraw(parts, { caller: context.get("caller"), name: nameOf(rest), version, reason }), 200);
  });
  app.openapi(route(ROUTES.stage), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    const request = context.req.valid("json");
    return context.json(await stage(parts, { caller: context.get("caller"), name: nameOf(rest), version, request }), 201);
  });
  app.openapi(route(ROUTES.listStaged), async (context) =>
    context.json(await listStaged(parts, { caller: context.get("caller"), query: context.req.valid("query") }), 200),
  );
  app.openapi(route(ROUTES.approve), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    const published = await approve(parts, { caller: context.get("caller"), name: nameOf(rest), version });
    return context.json(published, published.status === "created" ? 201 : 200);
  });
  app.openapi(route(ROUTES.unstage), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    await unstage(parts, { caller: context.get("caller"), name: nameOf(rest), version });
    return context.body(null, 204);
  });
}

function nameOf(parts: { readonly scope: string; readonly name: string }): string {
  return checked(Name, joinName(parts), "name");
}
