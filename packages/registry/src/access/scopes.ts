import { GraftError } from "@graft/error";
import type { AuditLog, OwnerList, Quota, Role, ScopeRecord } from "@graft/protocol";
import type { Holder, StoredAuditEntry, StoredScope } from "@graft/storage";
import { allowed, covers, root, signedIn } from "../authorize.ts";
import { isRoot, type Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { auditEntry } from "./audit-entry.ts";

/** Who asks, and about which scope. */
interface ScopeCall {
  readonly caller: Caller | undefined;
  readonly scope: string;
}

/** Claims a scope: for the sender's account, or for whom an administrator names. FORBIDDEN, CONFLICT, LIMIT_EXCEEDED. */
export async function createScope(
  parts: RegistryParts,
  { caller, scope, owner }: ScopeCall & { owner: string | undefined },
): Promise<ScopeRecord> {
  const maker = allowed(caller, "admin");
  const account = maker.account?.name;
  const holder =
    owner === undefined ? (account === undefined ? undefined : ({ kind: "user", name: account } as const)) : parseHolder(owner);
  const isForSelf = holder?.kind === "user" && holder.name === account;
  if (!isRoot(maker)) {
    const why = !isForSelf
      ? "it would not be your own"
      : !maker.names.includes("*")
        ? `the token "${maker.label}" is for ${maker.names.join(", ")}`
        : "scopes are given by those who run the registry";
    if (!isForSelf || !maker.names.includes("*") || parts.settings.scopeClaims === "admins")
      throw new GraftError("FORBIDDEN", `Cannot create the scope @${scope}: ${why}`, { hint: "Ask an administrator" });
  }
  // Nobody else takes a scope that has the name of an account.
  if (!isRoot(maker) && scope !== account && (await parts.metadata.users.get(scope)) !== undefined)
    throw new GraftError("FORBIDDEN", `Cannot create the scope @${scope}: it has the name of another account`, {
      hint: "Choose another name",
    });
  await parts.metadata.scopes.create(
    {
      name: scope,
      createdAt: parts.clock().toISOString(),
      createdBy: maker.actor,
      ...given({ owner: holder }),
      ...(isRoot(maker) ? {} : { most: parts.settings.scopesPerAccount }),
    },
    auditEntry(parts, maker, {
      action: "scope.create",
      subject: scope,
      scope,
      ...(holder === undefined ? {} : { detail: { owner: holderName(holder) } }),
    }),
  );
  return await getScope(parts, { caller, scope });
}

/** What a scope holds and may hold; for those who are signed in. NOT_FOUND. */
export async function getScope({ metadata }: RegistryParts, { caller, scope }: ScopeCall): Promise<ScopeRecord> {
  const { account } = signedIn(caller);
  const stored = await metadata.scopes.get(scope);
  if (stored === undefined) throw unknownScope(scope);
  return scopeRecord(stored, account?.roles[scope]);
}

/** Sets how much a scope may hold. FORBIDDEN, NOT_FOUND. */
export async function setQuota(parts: RegistryParts, { caller, scope, quota }: ScopeCall & { quota: Quota }): Promise<ScopeRecord> {
  const asking = root(caller, `set the quota of @${scope}`);
  await parts.metadata.scopes.setQuota(scope, {
    quota,
    entry: auditEntry(parts, asking, { action: "scope.quota", subject: scope, scope, detail: { ...quota } }),
  });
  return await getScope(parts, { caller, scope });
}

/** Everybody with a role in a scope; for those who are signed in. NOT_FOUND. */
export async function listOwners({ metadata }: RegistryParts, { caller, scope }: ScopeCall): Promise<OwnerList> {
  signedIn(caller);
  if ((await metadata.scopes.get(scope)) === undefined) throw unknownScope(scope);
  const grants = await metadata.scopes.grants(scope);
  return { owners: grants.map(({ role, ...holder }) => ({ holder: holderName(holder), role })) };
}

/** Gives a role in a scope. FORBIDDEN, NOT_FOUND, CONFLICT. */
export async function putOwner(
  parts: RegistryParts,
  { caller, scope, holder, role }: ScopeCall & { holder: string; role: Role },
): Promise<OwnerList> {
  const asking = allowed(caller, "admin", `@${scope}/*`);
  const grant = { ...parseHolder(holder), role };
  await parts.metadata.scopes.grant(scope, {
    grant,
    entry: auditEntry(parts, asking, { action: "owner.add", subject: holder, scope, detail: { role } }),
  });
  return await listOwners(parts, { caller, scope });
}

/** Takes a role back; everybody may give up its own. FORBIDDEN, NOT_FOUND, CONFLICT. */
export async function deleteOwner(parts: RegistryParts, { caller, scope, holder }: ScopeCall & { holder: string }): Promise<OwnerList> {
  const asking = signedIn(caller);
  const isOwn = asking.account?.name === holder && asking.actions.includes("admin");
  const isCovered = asking.names.some((pattern) => covers(pattern, `@${scope}/*`));
  if (!isOwn || !isCovered) allowed(asking, "admin", `@${scope}/*`);
  await parts.metadata.scopes.revoke(scope, {
    holder: parseHolder(holder),
    entry: auditEntry(parts, asking, { action: "owner.remove", subject: holder, scope }),
  });
  return await listOwners(parts, { caller, scope });
}

/** Makes somebody the one owner of a scope. FORBIDDEN, NOT_FOUND. */
export async function transferScope(parts: RegistryParts, { caller, scope, to }: ScopeCall & { to: string }): Promise<OwnerList> {
  const asking = allowed(caller, "admin", `@${scope}/*`);
  await parts.metadata.scopes.transfer(scope, {
    to: parseHolder(to),
    entry: auditEntry(parts, asking, { action: "scope.transfer", subject: scope, scope, detail: { to } }),
  });
  return await listOwners(parts, { caller, scope });
}

/** A page of the log, without the cursor. */
export function auditRecords(entries: readonly StoredAuditEntry[]): AuditLog["entries"] {
  return entries.map(({ scope, address, detail, ...entry }) => ({
    ...entry,
    ...given({ scope, address, detail: detail === undefined ? undefined : { ...detail } }),
  }));
}

/** A stored scope in the protocol's words. */
export function scopeRecord({ name, createdAt, bytes, versions, quota }: StoredScope, role: Role | undefined): ScopeRecord {
  return { name, createdAt, bytes, versions, quota: given(quota), ...given({ role }) };
}

function parseHolder(text: string): Holder {
  return text.startsWith("team:") ? { kind: "team", name: text.slice("team:".length) } : { kind: "user", name: text };
}

function holderName({ kind, name }: Holder): string {
  return kind === "team" ? `team:${name}` : name;
}

function unknownScope(scope: string): GraftError {
  return new GraftError("NOT_FOUND", `Cannot find the scope @${scope}: nobody has claimed it`, {
    hint: `Claim it: graft scope create @${scope}`,
  });
}
