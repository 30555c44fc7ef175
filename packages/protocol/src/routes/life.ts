import { Deprecated, Deprecation, Staged, StagedList, StagedQuery, WithdrawQuery, Withdrawn } from "../life.ts";
import { Published, PublishRequest } from "../versions.ts";
import { adapterPath, body, json, refused, security, versionPath } from "./operation.ts";

/** What happens to a version before and after it is published. */
export const LIFE_ROUTES = {
  deprecate: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/deprecation",
    summary: "Say that nobody should use versions any more, or take it back",
    security,
    request: { params: adapterPath, body: body(Deprecation) },
    responses: { 200: json("The versions that changed", Deprecated), ...refused },
  },
  withdraw: {
    method: "delete",
    path: "/v1/adapters/{scope}/{name}/versions/{version}",
    summary: "Take a version back; its number stays taken",
    security,
    request: { params: versionPath, query: WithdrawQuery },
    responses: { 200: json("Taken back", Withdrawn), ...refused },
  },
  stage: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/staged/{version}",
    summary: "Check uploaded bytes as a publish does, and let them wait for approval",
    security,
    request: { params: versionPath, body: body(PublishRequest) },
    responses: { 201: json("Staged", Staged), ...refused },
  },
  listStaged: {
    method: "get",
    path: "/v1/staged",
    summary: "Versions that wait for approval",
    security,
    request: { query: StagedQuery },
    responses: { 200: json("A page of staged versions", StagedList), ...refused },
  },
  approve: {
    method: "post",
    path: "/v1/adapters/{scope}/{name}/staged/{version}/approval",
    summary: "Publish a staged version",
    security,
    request: { params: versionPath },
    responses: { 200: json("Published before", Published), 201: json("Published", Published), ...refused },
  },
  unstage: {
    method: "delete",
    path: "/v1/adapters/{scope}/{name}/staged/{version}",
    summary: "Drop a staged version",
    security,
    request: { params: versionPath },
    responses: { 204: { description: "Dropped" }, ...refused },
  },
} as const;
