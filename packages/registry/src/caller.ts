import type { Role, StoredToken, Viewer } from "@graft/storage";
import { EVERYTHING, STRANGER } from "@graft/storage";

/** The account behind a request, and its roles by scope. */
export interface CallerAccount {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly roles: Readonly<Record<string, Role>>;
}

/** Who sent a request, checked: what the token or the session allows, and never more than the account behind it may. */
export interface Caller extends Pick<StoredToken, "label" | "names" | "actions" | "addresses" | "createdAt" | "expiresAt" | "usedAt"> {
  /** Stands for the caller in uploads and records. */
  readonly id: string;
  /** Who it is for the log of changes. */
  readonly actor: string;
  /** Where the request came from. */
  readonly address?: string | undefined;
  /** Without an account the token is the registry's own, and may do what it says. */
  readonly account?: CallerAccount | undefined;
  /** Signed in by a cookie: a browser, which other pages can make send requests. */
  readonly isSession: boolean;
}

/** What a role lets one do with the names of its scope. */
const ROLE_ACTIONS: Readonly<Record<Role, readonly string[]>> = {
  reader: ["read"],
  publisher: ["read", "publish"],
  owner: ["read", "publish", "admin"],
};

/** Whether the account behind a caller may do an action on a name or `@scope/*`; the registry's own tokens and administrators may all. */
export function accountMay({ account }: Caller, action: string, name: string): boolean {
  if (account === undefined || account.isAdmin) return true;
  const role = account.roles[scopeOf(name)];
  return role !== undefined && ROLE_ACTIONS[role].includes(action);
}

/** Whether a caller runs the registry: everything is allowed to it. */
export function isRoot(caller: Caller): boolean {
  return caller.actions.includes("admin") && caller.names.includes("*") && (caller.account === undefined || caller.account.isAdmin);
}

/** What a caller may read of private adapters: those that the token names and the account has a role for. */
export function viewerOf(caller: Caller | undefined): Viewer {
  if (caller?.actions.includes("read") !== true) return STRANGER;
  const { account, names: patterns } = caller;
  const isOwn = account === undefined || account.isAdmin;
  if (patterns.includes("*")) return isOwn ? EVERYTHING : { everything: false, scopes: Object.keys(account.roles), names: [] };
  const may = (pattern: string) => isOwn || Object.hasOwn(account.roles, scopeOf(pattern));
  const scopes = patterns.filter((pattern) => pattern.endsWith("/*") && may(pattern)).map(scopeOf);
  return { everything: false, scopes, names: patterns.filter((pattern) => !pattern.endsWith("/*") && may(pattern)) };
}

/** The scope of `@scope/name` or `@scope/*`. */
export function scopeOf(name: string): string {
  return name.slice(1, name.indexOf("/"));
}
