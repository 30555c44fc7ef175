import { parseDigest, isDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import { Hono, type Context } from "hono";
import { ANONYMOUS, passwordOf } from "../../access/oci-credentials.ts";
import { blobAccess } from "../../blob-access.ts";
import { blobResponse } from "../../blob-response.ts";
import type { RegistryEnvironment, RegistryParts } from "../../context.ts";
import { beginsDownload } from "../../count-downloads.ts";
import { readingsFor } from "../../readings.ts";
import type { RegistryApp } from "../../routes/mount.ts";
import { originOf } from "../origin.ts";
import { documentFor, holdsBlob, versionFor } from "./find-artifact.ts";
import { baseArtifact, type Document, MEDIA, referrer, versionArtifact } from "./manifests.ts";
import { ociErrorResponse, unknown } from "./oci-error.ts";

type OciContext = Context<RegistryEnvironment>;

/** Referrers in one answer. */
const REFERRERS = 100;

/** Tags in one answer. */
const TAGS = 1_000;

/** Repositories of bases: `bases/<64 hex digits of the fingerprint>`. */
const BASES = "bases";

/** The pull side of the OCI distribution specification under /v2: adapters as artifacts, whose subject is their base. */
export function mountOci(app: RegistryApp, parts: RegistryParts): void {
  const oci = new Hono<RegistryEnvironment>();
  const challengeFor = (context: Context): string => `Bearer realm="${originOf(parts, context)}/v2/token",service="graft"`;
  oci.onError((cause, context) => ociErrorResponse(context, { cause, onFault: parts.onFault, challenge: challengeFor(context) }));
  oci.use(async (context, next) => {
    await next();
    context.header("docker-distribution-api-version", "registry/2.0");
  });
  // Clients ask here first, and send what they have only where they are challenged.
  const ping = (context: OciContext): Response => {
    if (context.req.header("authorization") !== undefined) return context.json({});
    return ociErrorResponse(context, {
      cause: new GraftError("UNAUTHORIZED", "Cannot tell who asks: get a token, which needs no account for what is public"),
      onFault: parts.onFault,
      challenge: challengeFor(context),
    });
  };
  // What was sent as a password is the token; who sent none may read what is public.
  oci.get("/token", (context) => {
    const text = passwordOf(context.req.header("authorization") ?? "") ?? ANONYMOUS;
    return context.json({ token: text, access_token: text, expires_in: 3600 });
  });
  oci.get("/:scope/:name/manifests/:reference", async (context) => {
    const reference = context.req.param("reference");
    const fingerprint = baseIn(context);
    if (fingerprint !== undefined) {
      const base = await knownBase(fingerprint);
      if (reference === "latest" || reference === base.manifest.digest) return documentResponse(context, base.manifest, MEDIA.manifest);
      const found = isDigest(reference) ? await referrerWith(context, { fingerprint, digest: reference }) : undefined;
      if (found === undefined) throw unknown("MANIFEST_UNKNOWN", `the manifest ${reference.slice(0, 100)}`);
      return documentResponse(context, found, MEDIA.manifest);
    }
    const name = nameOf(context);
    const version = await versionFor(readingsFor(parts, context), name, reference);
    if (version === undefined) throw unknown("MANIFEST_UNKNOWN", `${name} at ${reference.slice(0, 100)}`);
    return documentResponse(context, (await versionArtifact(version)).manifest, MEDIA.manifest);
  });
  oci.get("/:scope/:name/blobs/:digest", async (context) => {
    const digest = parseDigest(context.req.param("digest"));
    const fingerprint = baseIn(context);
    const name = fingerprint === undefined ? nameOf(context) : "";
    const readings = readingsFor(parts, context);
    const document =
      fingerprint === undefined ? undefined : (await knownBase(fingerprint)).documents.find((candidate) => candidate.digest === digest);
    if (document !== undefined) return documentResponse(context, document, "application/octet-stream");
    if (fingerprint === undefined && (await holdsBlob(readings, name, digest))) {
      const blob = await parts.blobs.open(digest);
      if (blob === undefined) throw unknown("BLOB_UNKNOWN", `the blob ${digest}`);
      const isPublic = (await blobAccess(parts, { digest, caller: undefined })) === "everybody";
      const response = await blobResponse(context, { blob, digest, isPublic });
      if (beginsDownload(context, response)) parts.countDownload(digest);
      response.headers.set("docker-content-digest", digest);
      return response;
    }
    const config = fingerprint === undefined ? await documentFor(readings, name, digest) : undefined;
    if (config === undefined) throw unknown("BLOB_UNKNOWN", `the blob ${digest}`);
    return documentResponse(context, config, "application/octet-stream");
  });
  oci.get("/:scope/:name/tags/list", async (context) => {
    const repository = `${context.req.param("scope")}/${context.req.param("name")}`;
    const fingerprint = baseIn(context);
    if (fingerprint !== undefined) await knownBase(fingerprint);
    const { versions } = readingsFor(parts, context);
    const name = fingerprint === undefined ? nameOf(context) : "";
    const all = fingerprint === undefined ? [...Object.keys(await versions.tags(name)), ...(await versions.numbers(name))] : ["latest"];
    if (all.length === 0) throw unknown("NAME_UNKNOWN", `${name}: there is no such adapter`);
    const last = context.req.query("last") ?? "";
    const limit = Math.max(0, Math.min(Number(context.req.query("n") ?? TAGS) || 0, TAGS));
    const rest = all.toSorted().filter((tag) => tag > last);
    const tags = rest.slice(0, limit);
    if (rest.length > tags.length && tags.length > 0)
      context.header("link", `</v2/${repository}/tags/list?n=${limit}&last=${encodeURIComponent(tags.at(-1) ?? "")}>; rel="next"`);
    return context.json({ name: repository, tags });
  });
  oci.get("/:scope/:name/referrers/:digest", async (context) => {
    const fingerprint = baseIn(context);
    const wanted = context.req.query("artifactType");
    const base = fingerprint === undefined ? undefined : await knownBase(fingerprint);
    const isSubject = fingerprint !== undefined && base?.manifest.digest === context.req.param("digest");
    const page =
      isSubject && (wanted === undefined || wanted === MEDIA.adapter)
        ? await adaptersOf(context, fingerprint)
        : { artifacts: [], next: undefined };
    if (wanted !== undefined) context.header("oci-filters-applied", "artifactType");
    if (page.next !== undefined)
      context.header("link", `<${new URL(context.req.url).pathname}?after=${encodeURIComponent(page.next)}>; rel="next"`);
    return context.body(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests: page.artifacts.map(referrer) }), 200, {
      "content-type": MEDIA.index,
    });
  });
  oci.all("*", (context) => {
    throw new GraftError(
      "USAGE",
      `Cannot ${context.req.method} ${context.req.path.slice(0, 200)}: artifacts are read here, and published by graft publish`,
    );
  });
  for (const path of ["/v2", "/v2/"]) app.get(path, ping);
  app.route("/v2", oci);

  async function knownBase(fingerprint: string) {
    const digest = parseDigest(fingerprint);
    if ((await parts.metadata.bases.summary(digest)) === undefined) throw unknown("NAME_UNKNOWN", `the base ${digest}`);
    return baseArtifact(digest);
  }

  /** The newest version of each adapter that was trained on a base. */
  async function adaptersOf(context: OciContext, fingerprint: string) {
    const { lookups, versions } = readingsFor(parts, context);
    const after = context.req.query("after")?.slice(0, 400);
    const found = await lookups.find({ base: parseDigest(fingerprint), matrices: [], limit: REFERRERS, after });
    const stored = await Promise.all(found.map(({ name, version }) => versions.get(name, version)));
    const last = found.at(-1);
    return {
      artifacts: await Promise.all(stored.filter((version) => version !== undefined).map(versionArtifact)),
      next: found.length < REFERRERS || last === undefined ? undefined : `${last.rank}:${last.name}`,
    };
  }

  async function referrerWith(
    context: OciContext,
    { fingerprint, digest }: { fingerprint: string; digest: string },
  ): Promise<Document | undefined> {
    const { artifacts } = await adaptersOf(context, fingerprint);
    return artifacts.find(({ manifest }) => manifest.digest === digest)?.manifest;
  }
}

function nameOf(context: OciContext): string {
  return checked(Name, `@${context.req.param("scope") ?? ""}/${context.req.param("name") ?? ""}`, "name");
}

/** The fingerprint, when the repository is a base's. */
function baseIn(context: OciContext): string | undefined {
  const name = context.req.param("name") ?? "";
  return context.req.param("scope") === BASES && /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : undefined;
}

function documentResponse(context: OciContext, { digest, bytes }: Document, type: string): Response {
  const headers = {
    "content-type": type,
    "content-length": String(bytes.length),
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  return context.body(context.req.raw.method === "HEAD" ? new Uint8Array() : bytes, 200, headers);
}
