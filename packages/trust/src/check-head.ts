import { GraftError } from "@graft/error";
import { fromBase64 } from "./base64.ts";
import type { TrustedKeys } from "./key-chain.ts";
import type { Hash } from "./log/merkle.ts";
import { openHead, type SignedHead } from "./log/tree-head.ts";
import { isConsistent, type Tree } from "./log/verify-proof.ts";

/** How long a tree head counts, in milliseconds: an attacker can hold back news for no longer. */
export const HEAD_LIFETIME = 24 * 60 * 60 * 1000;

/** How far a registry's clock may be ahead, in milliseconds. */
const CLOCK_SKEW = 10 * 60 * 1000;

/** What a head is checked against. */
export interface HeadChecks {
  readonly keys: TrustedKeys;
  /** The largest tree that was seen before. */
  readonly remembered?: Tree | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds that a head may be old. */
  readonly lifetime: number;
}

/** A head with the proof that it goes on from the remembered tree; hashes in base64. */
export interface ShownHead {
  readonly checkpoint: string;
  readonly consistency?: { readonly from: number; readonly hashes: readonly string[] } | undefined;
}

/** Checks signature, age and history of a tree head. SIGNATURE_INVALID, LOG_INVALID, VIEW_EXPIRED, LOG_SHRUNK, LOG_FORKED. */
export async function checkHead(shown: ShownHead, checks: HeadChecks): Promise<SignedHead> {
  const { keys, remembered, now, lifetime } = checks;
  const head = await openHead(shown.checkpoint, [keys.current]);
  if (head.origin !== keys.origin) throw forked(`it names the log "${head.origin.slice(0, 100)}", not "${keys.origin}"`);
  if (remembered !== undefined) await checkHistory(head, remembered, shown.consistency);
  if (head.time > now + CLOCK_SKEW) throw expired(head, "it is from the future", "Set the clock of this machine");
  if (now - head.time > lifetime) {
    throw expired(
      head,
      `it is ${age(now - head.time)} old, want at most ${age(lifetime)}`,
      "Something between you and the registry holds news back, or a mirror is offline; to accept an older view, pass --max-age <hours>",
    );
  }
  return head;
}

/** Hashes from an answer; LOG_INVALID for what is none. */
export function openHashes(hashes: readonly string[]): Hash[] {
  return hashes.map((text) => {
    const hash = fromBase64(text);
    if (hash.length !== 32) throw new GraftError("LOG_INVALID", `Cannot read the proof: a hash has ${hash.length} bytes, want 32`);
    return hash;
  });
}

async function checkHistory(head: SignedHead, remembered: Tree, consistency: ShownHead["consistency"]): Promise<void> {
  if (head.size < remembered.size) {
    throw new GraftError("LOG_SHRUNK", `Cannot trust the registry: its log has ${head.size} entries, and had ${remembered.size} before`, {
      hint: "An older state is being shown; ask the registry without the mirror, or whoever runs it",
      detail: { shown: head.size, remembered: remembered.size },
    });
  }
  const isAsked = consistency?.from === remembered.size;
  const proof = isAsked ? openHashes(consistency.hashes) : [];
  if (!(await isConsistent(remembered, head, proof)))
    throw forked(`its log of ${head.size} entries does not go on from the ${remembered.size} that were seen before`);
}

function forked(why: string): GraftError {
  return new GraftError("LOG_FORKED", `Cannot trust the registry: ${why}`, {
    hint: "History was rewritten, or you are shown another than others are: keep what you have and tell whoever runs the registry",
  });
}

function expired(head: SignedHead, why: string, hint: string): GraftError {
  return new GraftError("VIEW_EXPIRED", `Cannot trust the view of the registry: ${why}`, {
    hint,
    detail: { signedAt: new Date(head.time).toISOString() },
  });
}

function age(milliseconds: number): string {
  const hours = milliseconds / (60 * 60 * 1000);
  return hours < 48 ? `${Math.round(hours * 10) / 10} hours` : `${Math.round(hours / 24)} days`;
}
