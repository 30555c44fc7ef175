import { z } from "zod";
import { PageQuery } from "../primitives.ts";
import { TokenCreated, TokenList, TokenRecord, TokenRequest } from "../tokens.ts";
import { body, json, refused, security } from "./operation.ts";

/** Tokens. */
export const TOKEN_ROUTES = {
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
