import { AdapterRecord, Published, PublishRequest, ResolveQuery, TagList, TagRequest, VersionRecord, VersionsQuery } from "../versions.ts";
import { adapterPath, body, json, refused, security, tagPath, versionPath } from "./operation.ts";

/** Adapters, their versions and tags. */
export const ADAPTER_ROUTES = {
  getAdapter: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}",
    summary: "Tags and versions",
    request: { params: adapterPath, query: VersionsQuery },
    responses: { 200: json("The adapter", AdapterRecord), ...refused },
  },
  resolve: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/resolve",
    summary: "The best version for a range or tag",
    request: { params: adapterPath, query: ResolveQuery },
    responses: { 200: json("The version", VersionRecord), ...refused },
  },
  getVersion: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/versions/{version}",
    summary: "One version",
    request: { params: versionPath },
    responses: { 200: json("The version", VersionRecord), ...refused },
  },
  publish: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/versions/{version}",
    summary: "Make uploaded bytes a version, for ever",
    security,
    request: { params: versionPath, body: body(PublishRequest) },
    responses: { 200: json("The same bytes were published before", Published), 201: json("Published", Published), ...refused },
  },
  listTags: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/tags",
    summary: "All tags",
    request: { params: adapterPath },
    responses: { 200: json("Tags", TagList), ...refused },
  },
  putTag: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/tags/{tag}",
    summary: "Move a tag",
    security,
    request: { params: tagPath, body: body(TagRequest) },
    responses: { 200: json("All tags", TagList), ...refused },
  },
  deleteTag: {
    method: "delete",
    path: "/v1/adapters/{scope}/{name}/tags/{tag}",
    summary: "Remove a tag",
    security,
    request: { params: tagPath },
    responses: { 200: json("Tags that are left", TagList), ...refused },
  },
} as const;
