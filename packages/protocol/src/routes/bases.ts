import { BaseDocument, BaseList, BaseQuery, BaseRecord, BaseRegistered } from "../bases.ts";
import { body, digestPath, json, refused, security } from "./operation.ts";

/** Bases: registered, listed, looked up. */
export const BASE_ROUTES = {
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
    request: { params: digestPath },
    responses: { 200: json("The base", BaseRecord), ...refused },
  },
  putBase: {
    method: "put",
    path: "/v1/bases/{digest}",
    summary: "Register a base, or add files to it",
    security,
    request: { params: digestPath, body: body(BaseDocument) },
    responses: { 200: json("Known already", BaseRegistered), 201: json("Registered", BaseRegistered), ...refused },
  },
} as const;
