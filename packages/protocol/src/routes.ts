import { Tag, Version } from "@graft/format";
import { z } from "zod";
import { BaseDocument, BaseList, BaseQuery, BaseRecord, BaseRegistered } from "./bases.ts";
import { BlobStored } from "./blobs.ts";
import { ErrorBody } from "./error-body.ts";
import { DigestRecord, FindRequest, FindResponse, SearchQuery, SearchResponse } from "./lookups.ts";
import { Digest, NamePart, PageQuery } from "./primitives.ts";
import { KeyList, Ping } from "./service.ts";
import { TokenCreated, TokenList, TokenRecord, TokenRequest } from "./tokens.ts";
import { AdapterRecord, Published, PublishRequest, ResolveQuery, TagList, TagRequest, VersionRecord, VersionsQuery } from "./versions.ts";

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});
const body = <Schema extends z.ZodType>(schema: Schema) => ({ required: true, content: { "application/json": { schema } } });
const bytes = (description: string) => ({
  description,
  content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } },
});
const refused = { default: json("Refused: one shape for every error", ErrorBody) };

const adapter = z.object({ scope: NamePart, name: NamePart });
const version = adapter.extend({ version: Version });
const tag = adapter.extend({ tag: Tag });
const digest = z.object({ digest: Digest });

/** Needs a token: `Authorization: Bearer graft_…`. */
const security = [{ token: [] as string[] }];

/** Every route of a registry, in the shape of an OpenAPI operation: servers mount it, clients take paths and schemas from it. */
export const ROUTES = {
  // Service.
  ping: { method: "get", path: "/v1/ping", summary: "What answers here", responses: { 200: json("A registry", Ping), ...refused } },
  listKeys: { method: "get", path: "/v1/keys", summary: "Keys that sign versions", responses: { 200: json("Keys", KeyList), ...refused } },
  // Bases.
  listBases: {
    method: "get",
    path: "/v1/bases",
    summary: "Registered bases",
    request: { query: BaseQuery },
    responses: { 200: json("A page of bases", BaseList), ...refused },
  },
  getBase: {
    method: "get",
    path: "/v1/bases/{digest}",
    summary: "A base by fingerprint",
    request: { params: digest },
    responses: { 200: json("The base", BaseRecord), ...refused },
  },
  putBase: {
    method: "put",
    path: "/v1/bases/{digest}",
    summary: "Register a base, or add files to it",
    security,
    request: { params: digest, body: body(BaseDocument) },
    responses: { 200: json("Known already", BaseRegistered), 201: json("Registered", BaseRegistered), ...refused },
  },
  // Blobs. An upload that broke off goes on with `Content-Range: bytes <offset>-<last>/<size>`; HEAD says the offset.
  headBlob: {
    method: "head",
    path: "/v1/blobs/{digest}",
    summary: "Whether a blob is there; if not, how much of it",
    request: { params: digest },
    responses: { 200: { description: "There" }, ...refused },
  },
  getBlob: {
    method: "get",
    path: "/v1/blobs/{digest}",
    summary: "Bytes, or one range of them",
    request: { params: digest },
    responses: { 200: bytes("All bytes"), 206: bytes("One range"), 304: { description: "Unchanged" }, ...refused },
  },
  putBlob: {
    method: "put",
    path: "/v1/blobs/{digest}",
    summary: "Upload bytes, hashed while they come in",
    security,
    request: { params: digest },
    responses: { 200: json("There already", BlobStored), 201: json("Stored", BlobStored), ...refused },
  },
  // Adapters.
  getAdapter: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}",
    summary: "Tags and versions",
    request: { params: adapter, query: VersionsQuery },
    responses: { 200: json("The adapter", AdapterRecord), ...refused },
  },
  resolve: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/resolve",
    summary: "The best version for a range or tag",
    request: { params: adapter, query: ResolveQuery },
    responses: { 200: json("The version", VersionRecord), ...refused },
  },
  getVersion: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/versions/{version}",
    summary: "One version",
    request: { params: version },
    responses: { 200: json("The version", VersionRecord), ...refused },
  },
  publish: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/versions/{version}",
    summary: "Make uploaded bytes a version, for ever",
    security,
    request: { params: version, body: body(PublishRequest) },
    responses: { 200: json("The same bytes were published before", Published), 201: json("Published", Published), ...refused },
  },
  listTags: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/tags",
    summary: "All tags",
    request: { params: adapter },
    responses: { 200: json("Tags", TagList), ...refused },
  },
  putTag: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/tags/{tag}",
    summary: "Move a tag",
    security,
    request: { params: tag, body: body(TagRequest) },
    responses: { 200: json("All tags", TagList), ...refused },
  },
  deleteTag: {
    method: "delete",
    path: "/v1/adapters/{scope}/{name}/tags/{tag}",
    summary: "Remove a tag",
    security,
    request: { params: tag },
    responses: { 200: json("Tags that are left", TagList), ...refused },
  },
  // Look-ups.
  find: {
    method: "post",
    path: "/v1/find",
    summary: "Adapters that fit a base",
    request: { body: body(FindRequest) },
    responses: { 200: json("What fits, best first", FindResponse), ...refused },
  },
  getDigest: {
    method: "get",
    path: "/v1/digests/{digest}",
    summary: "What carries a digest",
    request: { params: digest },
    responses: { 200: json("Versions and bases", DigestRecord), ...refused },
  },
  search: {
    method: "get",
    path: "/v1/search",
    summary: "Adapters by words",
    request: { query: SearchQuery },
    responses: { 200: json("A page of adapters", SearchResponse), ...refused },
  },
  // Tokens.
  whoami: {
    method: "get",
    path: "/v1/whoami",
    summary: "What the token allows",
    security,
    responses: { 200: json("The token", TokenRecord), ...refused },
  },
  listTokens: {
    method: "get",
    path: "/v1/tokens",
    summary: "All tokens, without their texts",
    security,
    request: { query: PageQuery },
    responses: { 200: json("A page of tokens", TokenList), ...refused },
  },
  createToken: {
    method: "post",
    path: "/v1/tokens",
    summary: "Make a token",
    security,
    request: { body: body(TokenRequest) },
    responses: { 201: json("The token, shown once", TokenCreated), ...refused },
  },
  deleteToken: {
    method: "delete",
    path: "/v1/tokens/{id}",
    summary: "Revoke a token",
    security,
    request: { params: z.object({ id: z.string().max(64) }) },
    responses: { 204: { description: "Revoked" }, ...refused },
  },
} as const;

/** Name of a route. */
export type RouteName = keyof typeof ROUTES;
