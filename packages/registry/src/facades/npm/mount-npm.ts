import { CODES, GraftError, isGraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import type { StoredVersion } from "@graft/storage";
import { Hono, type Context } from "hono";
import type { RegistryEnvironment, RegistryParts } from "../../context.ts";
import { errorResponse } from "../../error-response.ts";
import { signedIn } from "../../authorize.ts";
import { readingsFor } from "../../readings.ts";
import type { RegistryApp } from "../../routes/mount.ts";
import { bytesOf } from "../bytes.ts";
import { originOf } from "../origin.ts";
import { packageFiles } from "./package-files.ts";
import { PackageHashes } from "./package-hash.ts";
import { packageVersion, packument, tarballName } from "./packument.ts";
import { tarball } from "./tarball.ts";

type NpmContext = Context<RegistryEnvironment>;

/** What npm asks for under /npm: packages that contain an adapter, read only. */
export function mountNpm(app: RegistryApp, parts: RegistryParts): void {
  const npm = new Hono<RegistryEnvironment>();
  const hashes = new PackageHashes(parts);
  npm.onError((cause, context) => npmErrorResponse(context, { cause, onFault: parts.onFault }));
  npm.get("/-/ping", (context) => context.json({}));
  npm.get("/-/whoami", (context) => context.json({ username: signedIn(context.get("caller")).label }));
  npm.get("*", async (context) => {
    const { name, rest } = pathOf(context);
    const readings = readingsFor(parts, context);
    const origin = originOf(parts, context);
    if (rest === undefined) {
      const found = await packument(readings, { name, origin, hashes });
      if (found === undefined) throw new GraftError("NOT_FOUND", `Cannot find ${name}: there is no such adapter`);
      return context.json(found);
    }
    const tags = await readings.versions.tags(name);
    const wanted = rest.startsWith("-/") ? numberIn(rest.slice(2), name) : rest;
    const version = await readings.versions.get(name, Object.hasOwn(tags, wanted) ? (tags[wanted] ?? wanted) : wanted);
    if (version === undefined) throw new GraftError("NOT_FOUND", `Cannot find ${name}@${wanted}: there is no such version`);
    return rest.startsWith("-/") ? tarballResponse(context, version) : context.json(await packageVersion(version, { origin, hashes }));
  });
  npm.all("*", (context) => {
    throw new GraftError("USAGE", `Cannot ${context.req.method} a package: adapters are published by graft publish`, {
      hint: "graft publish adapter.safetensors",
    });
  });
  app.route("/npm", npm);

  async function tarballResponse(context: NpmContext, version: StoredVersion): Promise<Response> {
    const { integrity, size } = await hashes.of(version);
    const headers = {
      etag: `"${integrity}"`,
      "content-type": "application/octet-stream",
      "content-length": String(size),
    };
    if (context.req.raw.method === "HEAD") return context.body(null, 200, headers);
    parts.countDownload(version.digest);
    const pieces = tarball(packageFiles(version), (file) => bytesOf(parts, file));
    return context.body(streamOf(pieces), 200, headers);
  }
}

/** npm writes a scoped name with its slash encoded, and in tarball addresses as it is. */
function pathOf(context: NpmContext): { name: string; rest?: string } {
  const path = decoded(new URL(context.req.url).pathname.slice("/npm/".length));
  const [scope = "", name = "", ...rest] = path.split("/");
  return { name: checked(Name, `${scope}/${name}`, "name"), ...(rest.length === 0 ? {} : { rest: rest.join("/") }) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new GraftError("NAME_INVALID", `Cannot read "${path.slice(0, 200)}": it is not encoded as an address is`, { cause });
  }
}

function numberIn(file: string, name: string): string {
  const number = file.slice(tarballName({ name, version: "" }).length - ".tgz".length, -".tgz".length);
  if (file === tarballName({ name, version: number })) return number;
  throw new GraftError("NOT_FOUND", `Cannot find "${file.slice(0, 200)}" of ${name}`);
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await pieces.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}

/** npm shows `error` to its user. */
function npmErrorResponse(context: Context, { cause, onFault }: { cause: unknown; onFault: (cause: unknown) => void }): Response {
  const error = isGraftError(cause) ? cause : undefined;
  if (error === undefined || CODES[error.code].status >= 500) return errorResponse(context, { cause, onFault });
  const message = `${error.message}${error.hint === undefined ? "" : `. ${error.hint}`}`;
  return context.json({ error: message }, CODES[error.code].status as 400);
}
