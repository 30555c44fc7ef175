import { GraftError } from "@graft/error";
import type { TokenCreated, TokenRequest } from "@graft/protocol";
import type { MetadataStore, StoredToken } from "@graft/storage";
import { allowed, covers } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { given, tokenRecord } from "./records.ts";
import { createTokenText, hashToken } from "./token-text.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Makes a token that allows at most what the asking one does. FORBIDDEN. */
export async function createToken(
  { metadata, clock }: RegistryParts,
  { caller, request }: { caller: Caller | undefined; request: TokenRequest & { expiresInDays: number } },
): Promise<TokenCreated> {
  const maker = allowed(caller, "admin");
  const beyond = [
    ...request.actions.filter((action) => !maker.actions.includes(action)),
    ...request.names.filter((name) => !maker.names.some((pattern) => covers(pattern, name))),
  ];
  if (beyond.length > 0)
    throw new GraftError("FORBIDDEN", `Cannot make the token: "${maker.label}" itself may not ${beyond.join(", ")}`, {
      hint: "Ask for less, or use a wider token",
    });
  const now = clock();
  const expiresAt = new Date(now.getTime() + request.expiresInDays * DAY).toISOString();
  return await insertToken(metadata, await createTokenText(), { ...request, createdAt: now.toISOString(), expiresAt });
}

/** Stores the token of a new registry, which may do everything and never expires; nothing when there are tokens already. Two processes that start with one text make one token. */
export async function storeFirstToken(metadata: MetadataStore, { text, now }: { text: string; now: Date }): Promise<void> {
  if ((await metadata.tokens.count()) > 0) return;
  await insertToken(metadata, text, {
    label: "first administrator",
    names: ["*"],
    actions: ["read", "publish", "admin"],
    createdAt: now.toISOString(),
  });
}

async function insertToken(
  metadata: MetadataStore,
  text: string,
  { label, names, actions, createdAt, expiresAt }: Omit<StoredToken, "id" | "hash">,
): Promise<TokenCreated> {
  const hash = await hashToken(text);
  const stored: StoredToken = {
    id: hash.slice(0, 16),
    hash,
    label,
    names,
    actions: [...new Set(actions)],
    createdAt,
    ...given({ expiresAt }),
  };
  await metadata.tokens.insert(stored);
  return { token: text, record: tokenRecord(stored) };
}
