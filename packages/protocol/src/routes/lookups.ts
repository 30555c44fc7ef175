import { DigestRecord, FindRequest, FindResponse } from "../lookups.ts";
import { body, digestPath, json, refused } from "./operation.ts";

/** Look-ups across adapters and bases. */
export const LOOKUP_ROUTES = {
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
    request: { params: digestPath },
    responses: { 200: json("Versions and bases", DigestRecord), ...refused },
  },
} as const;
