import {
  BaseDocument,
  type Digest,
  ErrorBody,
  FindRequest,
  joinName,
  LIMITS,
  PageQuery,
  routePath,
  ROUTES,
  splitName,
  TokenRequest,
} from "@graft/protocol";
import { describe, expect, test } from "vitest";

/** Routes that bring something else than a token: a password, a code, an invitation, a cookie that goes. */
const SIGNS_IN = new Set([
  "createAccount",
  "createSession",
  "deleteSession",
  "signInByPassword",
  "createDevice",
  "signInByDevice",
  "signInByWorkload",
]);

const digest: Digest = `sha256:${"a".repeat(64)}`;

describe("the table of routes", () => {
  test("no two routes share a method and a path", () => {
    const all = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`);
    expect(new Set(all).size).toBe(all.length);
  });

  test("every route that changes something needs a token, and every route can refuse", () => {
    for (const [name, route] of Object.entries(ROUTES)) {
      const reads = route.method === "get" || route.method === "head" || name === "find" || name === "resolveAll";
      if (!reads && !SIGNS_IN.has(name)) expect([name, "security" in route]).toEqual([name, true]);
      expect(route.responses.default.content["application/json"].schema).toBe(ErrorBody);
    }
  });
});

describe("paths", () => {
  test("values stay in their place", () => {
    expect(routePath("getVersion", { scope: "acme", name: "spam", version: "1.0.0" })).toBe("/v1/adapters/acme/spam/versions/1.0.0");
    expect(routePath("getBlob", { digest: "../../tokens?x=1#" })).toBe("/v1/blobs/..%2F..%2Ftokens%3Fx%3D1%23");
    expect(routePath("ping", {})).toBe("/v1/ping");
  });

  test("a name splits into its parts and comes together again", () => {
    expect(splitName("@acme/spam")).toEqual({ scope: "acme", name: "spam" });
    expect(joinName(splitName("@acme/spam"))).toBe("@acme/spam");
  });
});

describe("requests", () => {
  test("lists are bounded", () => {
    expect(PageQuery.parse({})).toEqual({ limit: LIMITS.pageSizeDefault });
    expect(PageQuery.parse({ limit: "100" })).toEqual({ limit: 100 });
    for (const limit of ["0", "101", "-1", "1e9", "x", "1.5"]) expect(PageQuery.safeParse({ limit }).success).toBe(false);
  });

  test("a find names something to look for", () => {
    expect(FindRequest.safeParse({}).success).toBe(false);
    for (const request of [{ fileDigest: digest }, { fingerprint: digest }, { matrices: [digest] }])
      expect(FindRequest.safeParse(request).success).toBe(true);
    expect(FindRequest.safeParse({ fileDigest: digest.toUpperCase() }).success).toBe(false);
  });

  test("unknown fields are refused, so that a misspelt one is not ignored", () => {
    const base = { name: "tiny", fingerprint: digest, matrices: [{ module: "m", digest, rows: 1, columns: 1, norm: 1 }], files: [] };
    expect(BaseDocument.safeParse(base).success).toBe(true);
    expect(BaseDocument.safeParse({ ...base, tokeniser: digest }).success).toBe(false);
    expect(BaseDocument.safeParse({ ...base, matrices: [] }).success).toBe(false);
  });

  test("a token says for which names and how long", () => {
    const token = { label: "ci", names: ["@acme/*"], actions: ["publish"] };
    expect(TokenRequest.parse(token)).toEqual({ ...token, expiresInDays: 90 });
    for (const names of [[], ["acme"], ["@acme"], ["@Acme/x"], ["@acme/*/x"], ["**"], ["@*/x"]])
      expect(TokenRequest.safeParse({ ...token, names }).success).toBe(false);
    for (const expiresInDays of [0, 731, 1.5]) expect(TokenRequest.safeParse({ ...token, expiresInDays }).success).toBe(false);
  });
});
