import type { AuditEntry } from "./audit-store.ts";

/** A workflow of a repository that may publish a name. */
export interface StoredPublisher {
  readonly id: string;
  /** `@scope/name`. */
  readonly name: string;
  readonly issuer: string;
  /** `owner/repository`. */
  readonly repository: string;
  /** Path of the workflow inside the repository. */
  readonly workflow: string;
  /** Deployment environment that the run must have. */
  readonly environment?: string | undefined;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Which workflows may publish what. */
export interface PublisherStore {
  /** CONFLICT when there is one with the same words. */
  add(publisher: StoredPublisher, entry: AuditEntry): Promise<void>;
  /** Oldest first; a name has at most a handful. */
  list(name: string): Promise<StoredPublisher[]>;
  get(id: string): Promise<StoredPublisher | undefined>;
  remove(id: string, entry: AuditEntry): Promise<boolean>;
  /** All that name this workflow of this repository, whatever environment they want. */
  matching(run: Pick<StoredPublisher, "issuer" | "repository" | "workflow">): Promise<StoredPublisher[]>;
}
