import { GraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import { LIMITS } from "@graft/protocol";
import { Hono, type Context } from "hono";
import { requireToken, signedIn } from "../../authorize.ts";
import type { RegistryEnvironment, RegistryParts } from "../../context.ts";
import { readingsFor } from "../../readings.ts";
import { boundedBody } from "../../request-body.ts";
import type { RegistryApp } from "../../routes/mount.ts";
import { originOf } from "../origin.ts";
import { versionFiles } from "../version-files.ts";
import { isIgnored, parseCommit } from "./commit.ts";
import { fileResponse, treeEntry } from "./files.ts";
import { hubErrorResponse, hubNotFound } from "./hub-error.ts";
import { CreateRequest, PathsRequest, PreuploadRequest, readBody } from "./read-body.ts";
import { publishCommit } from "./publish-commit.ts";
import { commitOf, modelInfo, versionAt } from "./revision.ts";

/** A commit travels as base64 in one body and is held whole; larger adapters are published by Graft's own client. */
const COMMIT_BYTES = 96 * 2 ** 20;
const FILE_BYTES = 64 * 2 ** 20;

type HubContext = Context<RegistryEnvironment>;

/** The Hub's routes under /hf, for huggingface_hub, PEFT, transformers.js and what else honours `HF_ENDPOINT`. */
export function mountHub(app: RegistryApp, parts: RegistryParts): void {
  const hub = new Hono<RegistryEnvironment>();
  hub.onError((cause, context) => hubErrorResponse(context, { cause, onFault: parts.onFault }));
  const limited = boundedBody({ ...parts.settings, bodyBytes: COMMIT_BYTES });
  const small = boundedBody(parts.settings);

  hub.get("/:scope/:name/resolve/:revision/:path{.+}", async (context) => {
    const version = await versionAt(readingsFor(parts, context).versions, nameOf(context), context.req.param("revision"));
    const path = context.req.param("path");
    const file = versionFiles(version).find((candidate) => candidate.path === path);
    if (file === undefined)
      throw hubNotFound("EntryNotFound", `"${path.slice(0, 200)}" in ${version.name}@${version.version}`, commitOf(version));
    return fileResponse(context, { parts, file, commit: commitOf(version) });
  });
  const info = async (context: HubContext): Promise<Response> => {
    const version = await versionAt(readingsFor(parts, context).versions, nameOf(context), context.req.param("revision") ?? "main");
    const isPrivate = (await readingsFor(parts, context).versions.visibility(version.name)) === "private";
    return context.json(modelInfo(version, { files: versionFiles(version), isPrivate }));
  };
  hub.get("/api/models/:scope/:name", info);
  hub.get("/api/models/:scope/:name/revision/:revision", info);
  hub.get("/api/models/:scope/:name/tree/:revision", async (context) => {
    const version = await versionAt(readingsFor(parts, context).versions, nameOf(context), context.req.param("revision"));
    context.header("x-repo-commit", commitOf(version));
    return context.json(await Promise.all(versionFiles(version).map(treeEntry)));
  });
  hub.post("/api/models/:scope/:name/paths-info/:revision", small, async (context) => {
    const version = await versionAt(readingsFor(parts, context).versions, nameOf(context), context.req.param("revision"));
    const wanted = new Set(await pathsOf(context));
    return context.json(
      await Promise.all(
        versionFiles(version)
          .filter(({ path }) => wanted.has(path))
          .map(treeEntry),
      ),
    );
  });
  hub.get("/api/models/:scope/:name/refs", async (context) => {
    const version = await versionAt(readingsFor(parts, context).versions, nameOf(context), "main");
    const tags = await readingsFor(parts, context).versions.tags(version.name);
    const listed = await readingsFor(parts, context).versions.list(version.name, { limit: LIMITS.pageSize });
    const commits = new Map(listed.map((entry) => [entry.version, commitOf(entry)]));
    const moving = Object.entries(tags).flatMap(([name, number]) => {
      const targetCommit = commits.get(number);
      return name === "latest" || targetCommit === undefined ? [] : [{ name, ref: `refs/heads/${name}`, targetCommit }];
    });
    return context.json({
      branches: [{ name: "main", ref: "refs/heads/main", targetCommit: commitOf(version) }, ...moving],
      converts: [],
      tags: listed.map((entry) => ({ name: entry.version, ref: `refs/tags/${entry.version}`, targetCommit: commitOf(entry) })),
    });
  });
  hub.get("/api/models/:scope/:name/commits/:revision", async (context) => {
    const version = await versionAt(readingsFor(parts, context).versions, nameOf(context), context.req.param("revision"));
    const listed = await readingsFor(parts, context).versions.list(version.name, { limit: LIMITS.pageSize });
    return context.json(
      listed.map((entry) => ({ id: commitOf(entry), title: entry.version, message: "", date: entry.publishedAt, authors: [] })),
    );
  });
  hub.get("/api/models", async (context) => {
    const asked = Number(context.req.query("limit") ?? LIMITS.pageSizeDefault);
    const limit = Number.isSafeInteger(asked) && asked > 0 ? Math.min(asked, LIMITS.pageSize) : LIMITS.pageSizeDefault;
    const text = (context.req.query("search") ?? "").slice(0, LIMITS.queryLength);
    const found = await readingsFor(parts, context).search.find({ text, filters: {}, order: "relevance", limit, withFacets: false });
    return context.json(
      found.items.map((item) => ({
        id: item.name.slice(1),
        modelId: item.name.slice(1),
        sha: commitOf(item),
        tags: ["peft", ...item.keywords],
      })),
    );
  });

  hub.get("/api/whoami-v2", (context) => {
    const caller = signedIn(context.get("caller"));
    return context.json({
      type: "user",
      id: caller.id,
      name: caller.label,
      fullname: caller.label,
      orgs: [],
      auth: { type: "access_token" },
    });
  });
  hub.post("/api/repos/create", requireToken, small, async (context) => {
    const { type, organization, name } = await readBody(context, CreateRequest);
    if ((type ?? "model") !== "model")
      throw new GraftError("USAGE", `Cannot make a ${String(type).slice(0, 40)}: this registry holds adapters`);
    const id = checked(Name, `@${organization ?? "?"}/${name}`, "name").slice(1);
    // Nothing is there until the first version is published.
    return context.json({ name: id, url: `${originOf(parts, context)}/hf/${id}`, id });
  });
  hub.post("/api/validate-yaml", requireToken, small, (context) => context.json({ errors: [], warnings: [] }));
  hub.post("/api/models/:scope/:name/preupload/:revision", requireToken, small, async (context) => {
    onMain(context);
    const { files } = await readBody(context, PreuploadRequest);
    return context.json({
      files: files.map(({ path, size }) => {
        if (size > FILE_BYTES) {
          throw new GraftError(
            "LIMIT_EXCEEDED",
            `Cannot take "${path.slice(0, 200)}" this way: it has ${size} bytes, want at most ${FILE_BYTES}`,
            {
              hint: "Publish it with graft publish, which sends large files in parts",
            },
          );
        }
        return { path, uploadMode: "regular", shouldIgnore: isIgnored(path) };
      }),
    });
  });
  hub.post("/api/models/:scope/:name/commit/:revision", requireToken, limited, async (context) => {
    onMain(context);
    const version = await publishCommit(parts, {
      caller: context.get("caller"),
      name: nameOf(context),
      commit: parseCommit(await context.req.text()),
    });
    const commit = commitOf(version);
    return context.json({
      success: true,
      commitOid: commit,
      commitUrl: `${originOf(parts, context)}/hf/${version.name.slice(1)}/commit/${commit}`,
      hookOutput: "",
    });
  });
  hub.all("*", (context) => {
    throw new GraftError(
      "NOT_FOUND",
      `Cannot ${context.req.method} ${context.req.path.slice(0, 200)}: this registry has no such part of the Hub`,
    );
  });
  app.route("/hf", hub);
}

function nameOf(context: HubContext): string {
  return checked(Name, `@${context.req.param("scope") ?? ""}/${context.req.param("name") ?? ""}`, "name");
}

function onMain(context: HubContext): void {
  const revision = context.req.param("revision");
  if (revision !== "main" || context.req.query("create_pr") === "1")
    throw new GraftError(
      "USAGE",
      `Cannot commit to "${(revision ?? "").slice(0, 100)}": versions are made on main, and there are no pull requests`,
      {
        hint: "Leave the revision out; move a tag with graft tag",
      },
    );
}

async function pathsOf(context: HubContext): Promise<string[]> {
  const type = context.req.header("content-type") ?? "";
  if (type.includes("json")) return (await readBody(context, PathsRequest)).paths;
  return new URLSearchParams(await context.req.text()).getAll("paths").slice(0, 1000);
}
