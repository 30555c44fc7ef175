import type { PublicKey } from "@graft/protocol";

/** A key of a registry that is trusted: its id, and its bytes as base64url. */
export type KnownKey = Pick<PublicKey, "id" | "key">;

/** Keys of registries, pinned on first use: later answers are checked against these, whatever `/v1/keys` says then. */
export interface KeyStore {
  /** Where somebody finds them who must remove one. */
  readonly place: string;
  /** The pinned keys of a registry; `fetchKeys` is asked only when there are none. */
  pinned(registry: string, fetchKeys: () => Promise<readonly PublicKey[]>): Promise<readonly KnownKey[]>;
}
