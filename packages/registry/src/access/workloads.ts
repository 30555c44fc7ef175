import { sha256 } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { TokenCreated } from "@graft/protocol";
import type { StoredPublisher } from "@graft/storage";
import { createRemoteJWKSet, decodeJwt, jwtVerify, type JWTPayload } from "jose";
import { scopeOf } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { issueToken } from "./issue-token.ts";
import { takeOne } from "./limit.ts";
import { addressKey } from "./client-address.ts";

/** Seconds that a workload's token of the registry lives: one publish of a large adapter. */
const LIVES = 15 * 60;

/** Seconds after it was made that a workload's own token is taken; clocks may differ by the tolerance. */
const OLDEST = 15 * 60;
const TOLERANCE = 30;

/** Signatures that are taken: asymmetric ones alone, so that no key of an issuer is taken for a shared secret. */
const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];

/** A run of a workflow, as its issuer vouches for it. */
interface Run {
  readonly repository: string;
  readonly workflow: string;
  readonly environment?: string | undefined;
}

/** Where forges say which workflow runs; a new forge is a new row. */
const FORGES: readonly ((claims: JWTPayload) => Run | undefined)[] = [
  // GitHub, Gitea, Forgejo: workflow_ref is "owner/repository/.github/workflows/publish.yml@refs/heads/main".
  (claims) => {
    const { repository, workflow_ref: reference, environment } = claims as Record<string, unknown>;
    if (typeof repository !== "string" || typeof reference !== "string" || !reference.startsWith(`${repository}/`)) return undefined;
    return { repository, workflow: reference.slice(repository.length + 1).replace(/@.*$/, ""), environment: text(environment) };
  },
  // GitLab: ci_config_ref_uri is "gitlab.example.com/group/project//.gitlab-ci.yml@refs/heads/main".
  (claims) => {
    const { project_path: repository, ci_config_ref_uri: reference, environment } = claims as Record<string, unknown>;
    if (typeof repository !== "string" || typeof reference !== "string") return undefined;
    const [place = "", path] = reference.split("//", 2);
    if (path === undefined || !place.endsWith(`/${repository}`)) return undefined;
    return { repository, workflow: path.replace(/@.*$/, ""), environment: text(environment) };
  },
];

/** Keys of issuers, fetched when first asked for: cached for 10 minutes, asked at most twice a minute for keys that are new. */
export class WorkloadKeys {
  readonly #issuers: readonly string[];
  readonly #keys = new Map<string, Promise<ReturnType<typeof createRemoteJWKSet>>>();

  constructor(issuers: readonly string[]) {
    this.#issuers = issuers;
  }

  /** The keys of an issuer that the registry trusts; no other is ever asked. UNAUTHORIZED. */
  async of(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
    if (!this.#issuers.includes(issuer)) throw refused(`its issuer is none that this registry trusts: "${issuer.slice(0, 100)}"`);
    const known = this.#keys.get(issuer);
    if (known !== undefined) return await known;
    const found = discover(issuer);
    this.#keys.set(issuer, found);
    return await found.catch((cause: unknown) => {
      this.#keys.delete(issuer);
      throw cause;
    });
  }
}

async function discover(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const document = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(5_000) })
    .then(async (response) => (response.ok ? ((await response.json()) as { issuer?: unknown; jwks_uri?: unknown }) : {}))
    .catch((cause: unknown) => {
      throw new GraftError("REGISTRY_UNREACHABLE", `Cannot reach the issuer ${issuer}`, { cause });
    });
  if (document.issuer !== issuer || typeof document.jwks_uri !== "string") throw refused(`its issuer "${issuer}" does not describe itself`);
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: 5_000, cooldownDuration: 30_000, cacheMaxAge: 10 * 60 * 1000 });
}

/** Exchanges a workload's token: signature, issuer, audience, age; once; and only for names whose owners trust the workflow. UNAUTHORIZED, FORBIDDEN. */
export async function exchangeWorkload(
  parts: RegistryParts,
  { token, audience, address }: { token: string; audience: string; address: string | undefined },
): Promise<TokenCreated> {
  takeOne(parts.access.signIns, `workload ${address === undefined ? "unknown" : addressKey(address)}`, "exchange the token");
  const claims = await verify(parts, { token, audience });
  const run = FORGES.map((read) => read(claims)).find((found) => found !== undefined);
  if (run === undefined) throw refused("it names no repository and workflow that Graft understands");
  const issuer = String(claims.iss);
  const trusted = (await parts.metadata.publishers.matching({ issuer, ...run })).filter((publisher) => isFor(publisher, run));
  const names = trusted.map(({ name }) => name);
  const [first] = names;
  if (first === undefined) {
    throw new GraftError(
      "FORBIDDEN",
      `Cannot publish from ${run.workflow} of ${run.repository}: no name trusts it${run.environment === undefined ? "" : ` in the environment "${run.environment}"`}`,
      {
        hint: "An owner of the name runs: graft publisher add <name> --repository … --workflow …",
        detail: { issuer, ...run },
      },
    );
  }
  // Only what would be granted is used up, and of two that come at once one is.
  if (
    !(await parts.metadata.signIns.putOnce({
      hash: await replayKey(claims),
      data: {},
      expiresAt: new Date((Number(claims.exp) + TOLERANCE) * 1000).toISOString(),
    }))
  )
    throw refused("it was used already");
  return await issueToken(parts, {
    label: `${run.workflow} of ${run.repository}`.slice(0, 100),
    names,
    actions: ["read", "publish"],
    actor: `workload:${run.repository}`,
    address,
    scope: scopeOf(first),
    seconds: LIVES,
    detail: { issuer, ...run, subject: claims.sub, jti: claims.jti },
  });
}

async function verify(parts: RegistryParts, { token, audience }: { token: string; audience: string }): Promise<JWTPayload> {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(token).iss;
  } catch (cause) {
    throw refused("it is no JSON Web Token", cause);
  }
  if (issuer === undefined) throw refused("it names no issuer");
  const keys = await parts.access.workloadKeys.of(issuer);
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ["exp", "iat", "jti", "sub"],
      maxTokenAge: OLDEST,
      clockTolerance: TOLERANCE,
      currentDate: parts.clock(),
    });
    return payload;
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : "it cannot be checked", cause);
  }
}

/** Names a token of an issuer: an id that was used is known until the token would have expired. */
async function replayKey({ iss, jti }: JWTPayload): Promise<string> {
  return (await sha256(new TextEncoder().encode(JSON.stringify(["workload", iss, jti])))).slice("sha256:".length);
}

function isFor({ environment }: StoredPublisher, run: Run): boolean {
  return environment === undefined || environment === run.environment;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function refused(why: string, cause?: unknown): GraftError {
  return new GraftError("UNAUTHORIZED", `Cannot take the workload's token: ${why}`, {
    hint: "Check the workflow's issuer and the audience that it asks for (GET /v1/sign-in)",
    ...(cause === undefined ? {} : { cause }),
  });
}
