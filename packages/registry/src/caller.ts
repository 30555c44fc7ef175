import type { StoredToken, Viewer } from "@graft/storage";
import { EVERYTHING, STRANGER } from "@graft/storage";

/** Who sent a request, checked: what the token allows. */
export interface Caller extends Pick<StoredToken, "label" | "names" | "actions" | "createdAt" | "expiresAt"> {
  /** Stands for the caller in uploads and records. */
  readonly id: string;
}

/** What a caller may read of private adapters: those that the token names, when it allows reading at all. */
export function viewerOf(caller: Caller | undefined): Viewer {
  if (caller?.actions.includes("read") !== true) return STRANGER;
  if (caller.names.includes("*")) return EVERYTHING;
  const scopes = caller.names.filter((pattern) => pattern.endsWith("/*")).map((pattern) => pattern.slice(1, -2));
  return { everything: false, scopes, names: caller.names.filter((pattern) => !pattern.endsWith("/*")) };
}
