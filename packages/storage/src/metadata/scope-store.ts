import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";
import type { Visibility } from "./viewer.ts";

/** What somebody may do in a scope: read private adapters; publish, too; decide about all of it, too. */
export type Role = "reader" | "publisher" | "owner";

/** Who holds a role: a user or a team. */
export interface Holder {
  readonly kind: "user" | "team";
  readonly name: string;
}

/** A role and who holds it. */
export interface Grant extends Holder {
  readonly role: Role;
}

/** How much a scope may hold, where it is not what the registry's settings say. */
export interface Quota {
  readonly bytes?: number | undefined;
  readonly versions?: number | undefined;
}

/** A scope: what it holds and may hold. */
export interface StoredScope {
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly quota: Quota;
  /** Bytes and count of all versions, withdrawn ones too. */
  readonly bytes: number;
  readonly versions: number;
}

/** Scopes, who holds which role in them, and who may read an adapter. */
export interface ScopeStore {
  /** Without an owner the scope is the registry's own. CONFLICT for a scope that is taken or resembles one; LIMIT_EXCEEDED when the owner holds `most` already. */
  create(
    scope: Pick<StoredScope, "name" | "createdAt" | "createdBy"> & {
      readonly owner?: Holder | undefined;
      readonly most?: number | undefined;
    },
    entry: AuditEntry,
  ): Promise<void>;
  get(name: string): Promise<StoredScope | undefined>;
  /** By name; `after` is a name. With `user`, those in which the user has a role. */
  list(query: Page & { readonly user?: string | undefined }): Promise<StoredScope[]>;
  /** Owners first, then by name. */
  grants(name: string): Promise<Grant[]>;
  /** Gives a role, in place of the one that was held. NOT_FOUND for an unknown scope, user or team; CONFLICT when no owner would be left. */
  grant(scope: string, given: { readonly grant: Grant; readonly entry: AuditEntry }): Promise<void>;
  /** NOT_FOUND; CONFLICT when no owner would be left. */
  revoke(scope: string, taken: { readonly holder: Holder; readonly entry: AuditEntry }): Promise<void>;
  /** Makes somebody the one owner, and ends the trust in workflows that the former owners had. NOT_FOUND. */
  transfer(scope: string, given: { readonly to: Holder; readonly entry: AuditEntry }): Promise<void>;
  setQuota(scope: string, given: { readonly quota: Quota; readonly entry: AuditEntry }): Promise<void>;
  /** The highest role of a user in each scope, of its own or through a team. */
  rolesOf(user: string): Promise<Readonly<Record<string, Role>>>;
  /** NOT_FOUND. */
  setVisibility(adapter: string, given: { readonly visibility: Visibility; readonly entry: AuditEntry }): Promise<void>;
}
