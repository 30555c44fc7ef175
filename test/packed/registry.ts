import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Packed, readPacked } from "./pack.ts";

/** A registry on loopback that has the packed packages: installing from it is what people do, dependencies by name and version included. */
export interface PackageRegistry extends AsyncDisposable {
  readonly url: string;
}

/** Serves each package in npm's form: a document at its name, its tarball beside it. */
export async function servePackages(packages: readonly Packed[]): Promise<PackageRegistry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const tarball = packages.find(({ manifest }) => path === `${manifest.name}.tgz`);
    const named = packages.find(({ manifest }) => path === manifest.name);
    if (tarball !== undefined) response.end(readPacked(tarball));
    else if (named !== undefined) response.setHeader("content-type", "application/json").end(JSON.stringify(document(named, url)));
    else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url, [Symbol.asyncDispose]: close };
}

function document(packed: Packed, url: string): object {
  const { manifest } = packed;
  const integrity = `sha512-${createHash("sha512").update(readPacked(packed)).digest("base64")}`;
  const version = { ...manifest, dist: { tarball: `${url}${manifest.name}.tgz`, integrity } };
  const time = { created: RELEASED, modified: RELEASED, [manifest.version]: RELEASED };
  return { name: manifest.name, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: version }, time };
}

/** Package managers may refuse what was released a moment ago. */
const RELEASED = "2025-01-01T00:00:00.000Z";
