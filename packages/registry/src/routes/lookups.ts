import { ROUTES } from "@graft/protocol";
import { viewerOf } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { find } from "../find.ts";
import { readingsFor } from "../readings.ts";
import { baseSummary, versionSummary } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

/** How many versions with one digest are listed: equal bytes under more names are of no use to anybody. */
const LISTED = 100;

/** By base and by digest. */
export function mountLookups(app: RegistryApp, parts: RegistryParts): void {
  const { metadata } = parts;
  app.openapi(route(ROUTES.find), async (context) =>
    context.json(await find(metadata, { viewer: viewerOf(context.get("caller")), request: context.req.valid("json") }), 200),
  );
  app.openapi(route(ROUTES.getDigest), async (context) => {
    const { digest } = context.req.valid("param");
    const { lookups } = readingsFor(parts, context);
    const files = await lookups.withDigest(digest, LISTED);
    const tensors = await lookups.withTensors(digest, LISTED);
    const bases = await metadata.bases.withFile(digest);
    const versions = [
      ...files.map((version) => ({ ...versionSummary(version), of: "file" as const })),
      ...tensors.map((version) => ({ ...versionSummary(version), of: "tensors" as const })),
    ];
    return context.json({ digest, versions, bases: bases.map((base) => ({ ...baseSummary(base), file: base.file })) }, 200);
  });
}
