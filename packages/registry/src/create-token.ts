import { GraftError } from "@graft/error";
import type { TokenCreated, TokenRequest } from "@graft/protocol";
import type { AuditEntry, MetadataStore, StoredToken } from "@graft/storage";
import { auditEntry } from "./access/audit-entry.ts";
import { allowed, covers } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { given, tokenRecord } from "./records.ts";
import { createTokenText, hashToken } from "./token-text.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Makes a token that allows at most what the asking one does, for the same account. FORBIDDEN. */
export async function createToken(
  parts: RegistryParts,
  { caller, request }: { caller: Caller | undefined; request: TokenRequest & { expiresInDays: number } },
): Promise<TokenCreated> {
  const maker = allowed(caller, "admin");
  const { label, names, actions, addresses = maker.addresses } = request;
  const beyond = [
    ...actions.filter((action) => !maker.actions.includes(action)),
    ...names.filter((name) => !maker.names.some((pattern) => covers(pattern, name))),
    // A stolen token that works from one network only makes none that works from everywhere.
    ...(maker.addresses === undefined ? [] : (addresses ?? []).filter((range) => maker.addresses?.includes(range) === false)),
  ];
  if (beyond.length > 0)
    throw new GraftError("FORBIDDEN", `Cannot make the token: "${maker.label}" itself may not ${beyond.join(", ")}`, {
      hint: "Ask for less, or use a wider token",
    });
  const now = parts.clock();
  const expiresAt = new Date(now.getTime() + request.expiresInDays * DAY).toISOString();
  const text = await createTokenText();
  const token = { label, names, actions, ...given({ user: maker.account?.name, addresses }), createdAt: now.toISOString(), expiresAt };
  const facts = {
    action: "token.create",
    subject: (await hashToken(text)).slice(0, 16),
    detail: { label, names, actions, expiresAt, ...given({ addresses }) },
  };
  return await insertToken(parts.metadata, { text, token, entry: auditEntry(parts, maker, facts) });
}

/** Stores the token of a new registry, which may do everything and never expires; nothing when there are tokens already. Two processes that start with one text make one token. */
export async function storeFirstToken(metadata: MetadataStore, { text, now }: { text: string; now: Date }): Promise<void> {
  if ((await metadata.tokens.count()) > 0) return;
  const createdAt = now.toISOString();
  await insertToken(metadata, {
    text,
    token: { label: "first administrator", names: ["*"], actions: ["read", "publish", "admin"], createdAt },
  });
}

/** Stores the hash of a token's text, with the entry of the log that tells of it. */
export async function insertToken(
  metadata: MetadataStore,
  { text, token, entry }: { text: string; token: Omit<StoredToken, "id" | "hash">; entry?: AuditEntry },
): Promise<TokenCreated> {
  const hash = await hashToken(text);
  const stored: StoredToken = { ...token, id: hash.slice(0, 16), hash, actions: [...new Set(token.actions)] };
  await metadata.tokens.insert(stored, entry);
  return { token: text, record: tokenRecord(stored) };
}
