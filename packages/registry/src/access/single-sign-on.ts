import { GraftError } from "@graft/error";
import type { Identity, StoredUser } from "@graft/storage";
import * as oidc from "openid-client";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import type { SingleSignOnSettings } from "../settings.ts";
import { hashToken } from "../token-text.ts";
import { auditEntry } from "./audit-entry.ts";
import { createSecret } from "./secrets.ts";

/** Minutes that a person has to sign in at the issuer. */
const MINUTES = 10;

/** Names that are tried for a new account: alice, alice2, alice3, … */
const NAMES = 20;

/** Speaks to the issuer of single sign-on: authorization code with PKCE, state and nonce. */
export class SingleSignOn {
  readonly settings: SingleSignOnSettings;
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(settings: SingleSignOnSettings) {
    this.settings = settings;
  }

  /** Where a browser goes, and the secret that ties the way back to it. `returnTo` is a path of this registry. */
  async begin(
    parts: RegistryParts,
    { redirectUri, returnTo, invitation }: { redirectUri: string; returnTo: string; invitation?: string | undefined },
  ): Promise<{ url: URL; secret: string }> {
    const configuration = await this.#configuration();
    const [verifier, secret, nonce] = [oidc.randomPKCECodeVerifier(), createSecret(), createSecret()];
    const state = await hashToken(secret);
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: "openid profile email",
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    const data = { verifier, nonce, returnTo: localPath(returnTo), ...given({ invitation }) };
    await parts.metadata.signIns.putOnce({
      hash: state,
      data,
      expiresAt: new Date(parts.clock().getTime() + MINUTES * 60 * 1000).toISOString(),
    });
    return { url, secret };
  }

  /** Takes the browser back: checks state, code, PKCE and nonce, and gives the account and where to go. UNAUTHORIZED, FORBIDDEN. */
  async end(
    parts: RegistryParts,
    { url, secret, address }: { url: URL; secret: string; address: string | undefined },
  ): Promise<{ user: string; returnTo: string }> {
    const state = await hashToken(secret);
    const begun = await parts.metadata.signIns.takeOnce(state, parts.clock().toISOString());
    if (begun === undefined) throw refused("it began too long ago, or in another browser");
    const tokens = await oidc
      .authorizationCodeGrant(await this.#configuration(), url, {
        pkceCodeVerifier: String(begun["verifier"]),
        expectedNonce: String(begun["nonce"]),
        expectedState: state,
        idTokenExpected: true,
      })
      .catch((cause: unknown) => {
        throw refused("the issuer did not confirm it", cause);
      });
    const claims = tokens.claims();
    if (claims === undefined) throw refused("the issuer named nobody");
    const invitation = begun["invitation"];
    const user = await this.#account(parts, { claims, address, invitation: typeof invitation === "string" ? invitation : undefined });
    return { user: user.name, returnTo: String(begun["returnTo"]) };
  }

  async #account(
    parts: RegistryParts,
    { claims, address, invitation: code }: { claims: oidc.IDToken; address: string | undefined; invitation: string | undefined },
  ): Promise<StoredUser> {
    const { users } = parts.metadata;
    const identity: Identity = { issuer: claims.iss, subject: claims.sub };
    const known = await users.withIdentity(identity);
    if (known?.disabledAt !== undefined) throw refused("the account was ended");
    if (known !== undefined) return known;
    const invitation = code === undefined ? undefined : await hashToken(code);
    const createdAt = parts.clock().toISOString();
    const invited = invitation === undefined ? undefined : await users.invitation(invitation, createdAt);
    const email = claims["email_verified"] === true && typeof claims["email"] === "string" ? claims["email"].toLowerCase() : undefined;
    if (invited === undefined && !this.#admits(email)) {
      throw new GraftError("FORBIDDEN", "Cannot make an account: sign-up is by invitation", {
        hint: "Ask whoever runs the registry for an invitation",
      });
    }
    const base = accountName(claims);
    for (let attempt = 1; ; attempt++) {
      const name = attempt === 1 ? base : `${base}${attempt}`;
      const user: StoredUser = { name, ...given({ email: email ?? invited?.email }), isAdmin: invited?.isAdmin ?? false, createdAt };
      const entry = auditEntry(
        parts,
        { actor: `user:${name}`, ...given({ address }) },
        { action: "account.create", subject: name, detail: { ...identity } },
      );
      try {
        await users.create({ user, identity, ...(invited === undefined ? {} : { invitation: invited.hash }) }, entry);
        return user;
      } catch (cause) {
        // Another request may have made this very account.
        const made = await users.withIdentity(identity);
        if (made !== undefined) return made;
        if (attempt === NAMES || !(cause instanceof GraftError && cause.code === "CONFLICT")) throw cause;
      }
    }
  }

  #admits(email: string | undefined): boolean {
    const { domains } = this.settings;
    return domains.includes("*") || (email !== undefined && domains.includes(email.slice(email.lastIndexOf("@") + 1)));
  }

  /** What the issuer says of itself, asked once; a failure is asked again. */
  #configuration(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const execute = new URL(issuer).protocol === "http:" ? [oidc.allowInsecureRequests] : [];
    return (this.#discovered ??= oidc
      .discovery(new URL(issuer), clientId, clientSecret, undefined, { execute, timeout: 10 })
      .catch((cause: unknown) => {
        this.#discovered = undefined;
        throw new GraftError("REGISTRY_UNREACHABLE", "Cannot reach the issuer of single sign-on", { cause });
      }));
  }
}

/** A path of this registry, whatever was asked for: `//host` and `/\host` leave it. */
function localPath(path: string): string {
  return /^\/(?![/\\])/.test(path) && !/\p{Cc}/u.test(path) ? path : "/";
}

/** What an account is called that an issuer names: letters and digits of the name it prefers. */
function accountName(claims: oidc.IDToken): string {
  const preferred = [claims["preferred_username"], claims["email"], claims.sub].find((text) => typeof text === "string" && text !== "");
  const name = String(preferred)
    .toLowerCase()
    .replace(/@.*$/, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 50)
    .replace(/-+$/, "");
  return name === "" ? "user" : name;
}

function refused(why: string, cause?: unknown): GraftError {
  return new GraftError("UNAUTHORIZED", `Cannot sign in: ${why}`, { hint: "Begin again", ...(cause === undefined ? {} : { cause }) });
}
