import type { Digest } from "@graft/digest";
import type { BlobStore, MetadataStore } from "@graft/storage";
import type { SigningKey } from "@graft/trust";
import type { AccessParts } from "./access/access-parts.ts";
import type { Caller } from "./caller.ts";
import type { RegistryLog } from "./log/registry-log.ts";
import type { RegistrySettings } from "./settings.ts";

/** What a registry is made of; everything that differs between two of them is passed in. */
export interface RegistryParts {
  readonly metadata: MetadataStore;
  readonly blobs: BlobStore;
  /** Signs every version; and when it was made, ISO 8601. */
  readonly key: SigningKey;
  readonly keyCreatedAt: string;
  /** Every change, signed and proved. */
  readonly log: RegistryLog;
  readonly clock: () => Date;
  readonly settings: RegistrySettings;
  /** Told of every download that begins. */
  readonly countDownload: (digest: Digest) => void;
  readonly access: AccessParts;
  /** Told of faults of the registry's own, which senders learn nothing about. */
  readonly onFault: (cause: unknown) => void;
}

/** Variables of a request: who sent it, when the sender is signed in, and from where. */
export interface RegistryEnvironment {
  Variables: { caller?: Caller; address?: string };
}
