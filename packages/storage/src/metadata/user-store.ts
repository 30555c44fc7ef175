import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";
import type { Role } from "./scope-store.ts";

/** An account. Without a password hash it signs in elsewhere. */
export interface StoredUser {
  readonly name: string;
  readonly email?: string | undefined;
  /** Runs the registry: may do everything. */
  readonly isAdmin: boolean;
  /** As the password hasher writes it. */
  readonly passwordHash?: string | undefined;
  readonly createdAt: string;
  /** Since when it may do nothing. */
  readonly disabledAt?: string | undefined;
}

/** Who somebody is for an issuer of OpenID Connect. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** Lets one person make an account, once. `hash` is the sha256 of its code in hex. */
export interface StoredInvitation {
  readonly hash: string;
  readonly email?: string | undefined;
  readonly isAdmin: boolean;
  /** What the new account gets at once. */
  readonly grant?: { readonly scope: string; readonly role: Role } | undefined;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** What makes an account. */
export interface NewUser {
  readonly user: StoredUser;
  /** Hash of the invitation that is used up. */
  readonly invitation?: string | undefined;
  readonly identity?: Identity | undefined;
}

/** Accounts, their identities elsewhere, and invitations. */
export interface UserStore {
  /** In one transaction with using up the invitation. CONFLICT for a name that is taken or resembles one; NOT_FOUND for an invitation that is used or expired. */
  create(made: NewUser, entry: AuditEntry): Promise<void>;
  get(name: string): Promise<StoredUser | undefined>;
  withIdentity(identity: Identity): Promise<StoredUser | undefined>;
  /** By name; `after` is a name. */
  list(page: Page): Promise<StoredUser[]>;
  /** NOT_FOUND. Disabling ends all sessions and tokens of the account. */
  update(
    change: Pick<StoredUser, "name"> & Partial<Pick<StoredUser, "passwordHash" | "disabledAt" | "isAdmin">>,
    entry: AuditEntry,
  ): Promise<void>;
  /** Lets an account sign in by one more identity. CONFLICT when it is another's. */
  addIdentity(name: string, added: { readonly identity: Identity; readonly entry: AuditEntry }): Promise<void>;
  invite(invitation: StoredInvitation, entry: AuditEntry): Promise<void>;
  /** An invitation that is neither used nor expired at the instant. */
  invitation(hash: string, now: string): Promise<StoredInvitation | undefined>;
}
