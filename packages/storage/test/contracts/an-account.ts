import type { AuditEntry, MetadataStore, StoredUser } from "@graft/storage";

/** Now, for tests of stores. */
export const NOW = "2026-03-01T00:00:00.000Z";

/** An entry of the log that says who did what to what. */
export function anEntry(action: string, subject: string, scope?: string): AuditEntry {
  return { at: NOW, actor: "user:root", action, subject, ...(scope === undefined ? {} : { scope }) };
}

/** An account in the store. */
export async function anAccount(store: MetadataStore, name: string, options: Partial<StoredUser> = {}): Promise<StoredUser> {
  const user: StoredUser = { name, isAdmin: false, createdAt: NOW, ...options };
  await store.users.create({ user }, anEntry("user.create", name));
  return user;
}

/** A scope in the store that a user owns. */
export async function aScope(store: MetadataStore, name: string, owner: string): Promise<void> {
  const scope = { name, createdAt: NOW, createdBy: `user:${owner}`, owner: { kind: "user", name: owner } as const };
  await store.scopes.create(scope, anEntry("scope.create", name, name));
}
