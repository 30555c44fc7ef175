import { LIMITS } from "@graft/protocol";

/** Bounds that whoever runs a registry may lower. */
export interface RegistrySettings {
  /** Bytes of one blob. */
  readonly blobBytes: number;
  /** Bytes of a JSON body. */
  readonly bodyBytes: number;
  /** Seconds without a byte after which a body is given up. */
  readonly idleSeconds: number;
  /** Average speed of a body below which it is given up, looked at after `idleSeconds`. */
  readonly minimumBytesPerSecond: number;
}

/** The protocol's own bounds, and a sender of 8 KiB/s: slower than any phone, too fast to hold a thousand connections for free. */
export const DEFAULT_SETTINGS: RegistrySettings = {
  blobBytes: LIMITS.blobBytes,
  bodyBytes: LIMITS.bodyBytes,
  idleSeconds: 30,
  minimumBytesPerSecond: 8 * 1024,
};
