import { GraftError, isGraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import { joinName, ROUTES } from "@graft/protocol";
import { joinHashes, joinLeaves, leafOf, levelSize, parseTilePath, type Tile, TILE_WIDTH } from "@graft/trust";
import type { RegistryParts } from "../context.ts";
import type { RegistryLog } from "../log/registry-log.ts";
import { readingsFor } from "../readings.ts";
import { given } from "../records.ts";
import { resolve } from "../resolve.ts";
import { route, type RegistryApp } from "./mount.ts";

/** The log: keys, heads, proofs, and the tree itself as tiles. */
export function mountLog(app: RegistryApp, parts: RegistryParts): void {
  const { log, metadata } = parts;
  app.openapi(route(ROUTES.listKeys), async (context) => context.json(await log.keyList(), 200));
  app.openapi(route(ROUTES.getHead), async (context) => context.json(await log.shown(context.req.valid("query").since), 200));
  app.openapi(route(ROUTES.proveVersion), async (context) => {
    const { version, ...rest } = context.req.valid("param");
    const name = checked(Name, joinName(rest), "name");
    const { wanted, since } = context.req.valid("query");
    const { versions } = readingsFor(parts, context);
    // Whoever may not read an adapter learns nothing of its entries.
    const entry = (await versions.get(name, version)) && (await metadata.log.published(name, version));
    if (entry === undefined) throw new GraftError("NOT_FOUND", `Cannot find ${name}@${version}: there is no such version`);
    const resolved = async (asked: string) => ({ name, wanted: asked, version: (await resolve(versions, name, asked)).version });
    const proof = await log.prove(entry, { since, ...given({ resolve: wanted === undefined ? undefined : () => resolved(wanted) }) });
    return context.json(proof, 200);
  });
  app.openapi(route(ROUTES.resolveAll), async (context) => {
    const { asked } = context.req.valid("json");
    const { versions } = readingsFor(parts, context);
    const resolveOne = async ({ name, wanted }: { name: string; wanted: string }) => {
      const found = await resolve(versions, name, wanted).catch((cause: unknown) => {
        if (isGraftError(cause) && (cause.code === "NOT_FOUND" || cause.code === "WITHDRAWN")) return undefined;
        throw cause;
      });
      return found && { name, wanted, version: found.version };
    };
    return context.json(await log.resolveAll(() => Promise.all(asked.map(resolveOne))), 200);
  });
  app.get("/v1/log/checkpoint", async (context) => context.text((await log.head()).checkpoint));
  app.get("/v1/log/tile/*", async (context) => {
    const tile = parseTilePath(context.req.path.slice("/v1/log/".length));
    const bytes = tile && (await tileBytes(parts, tile, log));
    if (bytes === undefined) throw new GraftError("NOT_FOUND", "Cannot find the tile: the log has none there");
    // Leaves and hashes never change, also those of a tile that grew since.
    return context.body(bytes, 200, { "content-type": "application/octet-stream", "cache-control": "public, max-age=31536000, immutable" });
  });
}

async function tileBytes({ metadata }: RegistryParts, tile: Tile, log: RegistryLog): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { level, index, width } = tile;
  const range = { begin: index * TILE_WIDTH, end: index * TILE_WIDTH + width };
  if (range.end > levelSize(await metadata.log.size(), level === "entries" ? 0 : level)) return undefined;
  if (level !== "entries") return joinHashes(await log.hashes(level, range));
  return joinLeaves(await Promise.all((await metadata.log.entries(range)).map((entry) => leafOf(entry))));
}
