import { z } from "zod";
import { NamePart, PageQuery } from "../primitives.ts";
import {
  AuditLog,
  HolderName,
  OwnerList,
  PublisherList,
  PublisherRecord,
  PublisherRequest,
  Quota,
  RoleRequest,
  ScopeList,
  ScopeRecord,
  ScopeRequest,
  ScopesQuery,
  TransferRequest,
} from "../scopes.ts";
import { AccessRecord } from "../versions.ts";
import { adapterPath, body, json, refused, security } from "./operation.ts";

const scopePath = z.object({ scope: NamePart });
const ownerPath = scopePath.extend({ holder: HolderName });

/** Scopes, roles in them, and what was changed. */
export const SCOPE_ROUTES = {
  listScopes: {
    method: "get",
    path: "/v1/scopes",
    summary: "Scopes in which the sender has a role",
    security,
    request: { query: ScopesQuery },
    responses: { 200: json("A page of scopes", ScopeList), ...refused },
  },
  createScope: {
    method: "put",
    path: "/v1/scopes/{scope}",
    summary: "Claim a scope that nobody has",
    security,
    request: { params: scopePath, body: body(ScopeRequest) },
    responses: { 201: json("The scope", ScopeRecord), ...refused },
  },
  getScope: {
    method: "get",
    path: "/v1/scopes/{scope}",
    summary: "What a scope holds and may hold",
    security,
    request: { params: scopePath },
    responses: { 200: json("The scope", ScopeRecord), ...refused },
  },
  setQuota: {
    method: "put",
    path: "/v1/scopes/{scope}/quota",
    summary: "How much a scope may hold",
    security,
    request: { params: scopePath, body: body(Quota) },
    responses: { 200: json("The scope", ScopeRecord), ...refused },
  },
  transferScope: {
    method: "post",
    path: "/v1/scopes/{scope}/transfer",
    summary: "Make somebody the one owner",
    security,
    request: { params: scopePath, body: body(TransferRequest) },
    responses: { 200: json("Everybody with a role", OwnerList), ...refused },
  },
  listOwners: {
    method: "get",
    path: "/v1/scopes/{scope}/owners",
    summary: "Everybody with a role in a scope",
    security,
    request: { params: scopePath },
    responses: { 200: json("Everybody with a role", OwnerList), ...refused },
  },
  putOwner: {
    method: "put",
    path: "/v1/scopes/{scope}/owners/{holder}",
    summary: "Give a role to an account or a team",
    security,
    request: { params: ownerPath, body: body(RoleRequest) },
    responses: { 200: json("Everybody with a role", OwnerList), ...refused },
  },
  deleteOwner: {
    method: "delete",
    path: "/v1/scopes/{scope}/owners/{holder}",
    summary: "Take a role back",
    security,
    request: { params: ownerPath },
    responses: { 200: json("Everybody with a role", OwnerList), ...refused },
  },
  getScopeAudit: {
    method: "get",
    path: "/v1/scopes/{scope}/audit",
    summary: "What was changed in a scope",
    security,
    request: { params: scopePath, query: PageQuery },
    responses: { 200: json("A page of changes", AuditLog), ...refused },
  },
  getAudit: {
    method: "get",
    path: "/v1/audit",
    summary: "What was changed anywhere",
    security,
    request: { query: PageQuery },
    responses: { 200: json("A page of changes", AuditLog), ...refused },
  },
  setAccess: {
    method: "put",
    path: "/v1/adapters/{scope}/{name}/access",
    summary: "Say who may read an adapter",
    security,
    request: { params: adapterPath, body: body(AccessRecord) },
    responses: { 200: json("Who may read it now", AccessRecord), ...refused },
  },
  listPublishers: {
    method: "get",
    path: "/v1/adapters/{scope}/{name}/publishers",
    summary: "Workflows that may publish a name",
    security,
    request: { params: adapterPath },
    responses: { 200: json("All of them", PublisherList), ...refused },
  },
  addPublisher: {
    method: "post",
    path: "/v1/adapters/{scope}/{name}/publishers",
    summary: "Trust a workflow with a name",
    security,
    request: { params: adapterPath, body: body(PublisherRequest) },
    responses: { 201: json("The trusted workflow", PublisherRecord), ...refused },
  },
  removePublisher: {
    method: "delete",
    path: "/v1/adapters/{scope}/{name}/publishers/{id}",
    summary: "Trust a workflow no more",
    security,
    request: { params: adapterPath.extend({ id: z.string().max(64) }) },
    responses: { 204: { description: "Trusted no more" }, ...refused },
  },
} as const;
