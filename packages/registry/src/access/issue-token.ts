import type { Action, TokenCreated } from "@graft/protocol";
import type { RegistryParts } from "../context.ts";
import { insertToken } from "../create-token.ts";
import { given } from "../records.ts";
import { createTokenText, hashToken } from "../token-text.ts";
import { auditEntry } from "./audit-entry.ts";

/** How long a token lives that a sign-in gave. */
const SIGN_IN_DAYS = 30;

/** What a sign-in gives a token for. */
export interface IssuedFor {
  readonly label: string;
  readonly names: readonly string[];
  readonly actions: readonly Action[];
  /** Whose it is; a workload's is nobody's. */
  readonly user?: string | undefined;
  /** Who it is for the log. */
  readonly actor: string;
  readonly address: string | undefined;
  /** Scope whose owners read of it. */
  readonly scope?: string | undefined;
  /** Seconds it lives; 30 days when left out. */
  readonly seconds?: number | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** Makes the token of a sign-in, with its entry in the log. */
export async function issueToken(
  parts: RegistryParts,
  { label, names, actions, user, actor, address, scope, seconds, detail }: IssuedFor,
): Promise<TokenCreated> {
  const text = await createTokenText();
  const now = parts.clock();
  const expiresAt = new Date(now.getTime() + (seconds ?? SIGN_IN_DAYS * 24 * 60 * 60) * 1000).toISOString();
  const id = (await hashToken(text)).slice(0, 16);
  const facts = { action: "token.sign-in", subject: id, ...given({ scope }), detail: { label, names, actions, expiresAt, ...detail } };
  const token = { label, names, actions, ...given({ user }), createdAt: now.toISOString(), expiresAt };
  return await insertToken(parts.metadata, { text, token, entry: auditEntry(parts, { actor, ...given({ address }) }, facts) });
}
