import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";

/** A maintainer decides who is in the team. */
export type TeamRole = "maintainer" | "member";

/** Somebody in a team. */
export interface TeamMember {
  readonly user: string;
  readonly role: TeamRole;
}

/** A team: users who hold roles together. */
export interface StoredTeam {
  readonly name: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Teams and who is in them. */
export interface TeamStore {
  /** CONFLICT for a name that is taken. */
  create(team: StoredTeam & { readonly maintainer?: string | undefined }, entry: AuditEntry): Promise<void>;
  get(name: string): Promise<StoredTeam | undefined>;
  /** By name; `after` is a name. With `user`, those the user is in. */
  list(query: Page & { readonly user?: string | undefined }): Promise<StoredTeam[]>;
  /** Maintainers first, then by name. */
  members(name: string): Promise<TeamMember[]>;
  /** Adds somebody, or changes the role. NOT_FOUND for an unknown team or user. */
  setMember(team: string, given: { readonly member: TeamMember; readonly entry: AuditEntry }): Promise<void>;
  /** NOT_FOUND. */
  removeMember(team: string, taken: { readonly user: string; readonly entry: AuditEntry }): Promise<void>;
  /** NOT_FOUND; CONFLICT while the team is the only owner of a scope. */
  delete(name: string, entry: AuditEntry): Promise<void>;
}
