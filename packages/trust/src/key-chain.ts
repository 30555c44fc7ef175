import { GraftError } from "@graft/error";
import { canonicalJson } from "@graft/format";
import { fromBase64Url } from "./base64url.ts";
import { isSignedBy, type Signature, type SigningKey, type VerifyingKey } from "./keys.ts";

/** What is signed when a registry changes its key: from the nth to the n+1st, and what the old one still proves. */
export interface RotationStatement {
  readonly kind: "graft-key-rotation-1";
  /** Of the next key; the first key of a registry is number 1. */
  readonly number: number;
  readonly previous: VerifyingKey;
  readonly next: VerifyingKey;
  /** Whether the old key may be in other hands: then it proves only what stood in the log before. */
  readonly revoked: boolean;
  /** Entries of the log when the key was changed. */
  readonly size: number;
  readonly time: string;
}

/** A change of keys, signed by the old key and by the new one. */
export interface Rotation {
  readonly statement: RotationStatement;
  readonly signatures: readonly Signature[];
}

/** A key that signs no more; `provesBefore` is there when it was revoked: the size of the log until which it counts. */
export interface RetiredKey extends VerifyingKey {
  readonly provesBefore?: number | undefined;
}

/** The keys of a registry as somebody trusts them. */
export interface TrustedKeys {
  /** Name of the log: `graft/` and the id of the first key. */
  readonly origin: string;
  readonly number: number;
  readonly current: VerifyingKey;
  readonly retired: readonly RetiredKey[];
}

/** Trust in the first key of a registry, before any change. */
export function firstKeys(key: VerifyingKey): TrustedKeys {
  return { origin: logOrigin(key), number: 1, current: { id: key.id, key: key.key }, retired: [] };
}

/** Name of the log of a registry, by its first key: it stays when keys change or addresses do. */
export function logOrigin(first: VerifyingKey): string {
  return `graft/${first.id}`;
}

/** Signs a change from one key to the next. */
export async function signRotation(
  facts: Pick<RotationStatement, "number" | "revoked" | "size" | "time">,
  keys: { readonly previous: SigningKey; readonly next: SigningKey },
): Promise<Rotation> {
  const { number, revoked, size, time } = facts;
  const [previous, next] = [keys.previous.public, keys.next.public];
  const statement: RotationStatement = { kind: "graft-key-rotation-1", number, previous, next, revoked, size, time };
  return { statement, signatures: [await keys.previous.sign(statement), await keys.next.sign(statement)] };
}

/** Goes from the keys that are trusted to those of now, one signed change at a time. KEY_CHANGED for a change that the trusted key did not sign. */
export async function followRotations(trusted: TrustedKeys, rotations: readonly Rotation[]): Promise<TrustedKeys> {
  let keys = trusted;
  for (const rotation of rotations.toSorted((left, right) => left.statement.number - right.statement.number)) {
    const { statement } = rotation;
    if (statement.number <= keys.number) continue;
    if (statement.number !== keys.number + 1 || statement.previous.key !== keys.current.key || !(await isSignedByBoth(rotation)))
      throw keyChanged(keys, `change ${statement.number} of its keys is not signed by the key before`);
    const retired: RetiredKey = statement.revoked ? { ...keys.current, provesBefore: statement.size } : keys.current;
    keys = { ...keys, number: statement.number, current: pick(statement.next), retired: [...keys.retired, retired] };
  }
  return keys;
}

/** The error for a key that no chain of changes leads to. */
export function keyChanged({ current }: TrustedKeys, why: string): GraftError {
  return new GraftError("KEY_CHANGED", `Cannot trust the key of the registry: ${why}`, {
    hint: "Do not use what it gives; if the registry was set up anew, ask whoever runs it for its key",
    detail: { trusted: current.id },
  });
}

async function isSignedByBoth({ statement, signatures }: Rotation): Promise<boolean> {
  if (statement.kind !== "graft-key-rotation-1") return false;
  const bytes = new TextEncoder().encode(canonicalJson(statement));
  const signed = [statement.previous, statement.next].map(async (key) => {
    const signature = signatures.find((candidate) => candidate.key === key.id)?.signature ?? "";
    return /^[\w-]{86}$/.test(signature) && (await isSignedBy(key, fromBase64Url(signature), bytes));
  });
  return (await Promise.all(signed)).every(Boolean);
}

function pick({ id, key }: VerifyingKey): VerifyingKey {
  return { id, key };
}
