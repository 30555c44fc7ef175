import type { RetiredKey, VerifyingKey } from "@graft/trust";

/** What is remembered of a registry: its keys, pinned on first use, and the largest log that it showed. */
export interface KnownRegistry {
  readonly origin: string;
  readonly number: number;
  readonly current: VerifyingKey;
  readonly retired: readonly RetiredKey[];
  /** Root in base64; when it was signed, ISO 8601. */
  readonly head?: { readonly size: number; readonly root: string; readonly signedAt: string } | undefined;
}

/** Remembers registries by their address: later answers are checked against it, whatever they say of themselves. */
export interface TrustStore {
  /** Where somebody finds it who must remove a registry. */
  readonly place: string;
  read(registry: string): Promise<KnownRegistry | undefined>;
  /** Remembers a registry; of two that are written at once, the later key and the larger log stay. */
  write(registry: string, known: KnownRegistry): Promise<void>;
}

/** The later key and the larger log of two. */
export function laterOf(left: KnownRegistry | undefined, right: KnownRegistry): KnownRegistry {
  if (left === undefined || left.origin !== right.origin) return right;
  const keys = left.number > right.number ? left : right;
  const head = (left.head?.size ?? -1) > (right.head?.size ?? -1) ? left.head : right.head;
  return { ...keys, head };
}
