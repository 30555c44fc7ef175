import { GraftError } from "@graft/error";
import type { AccountRequest, InvitationCreated, InvitationRequest, PasswordRequest } from "@graft/protocol";
import type { StoredUser } from "@graft/storage";
import { root, signedIn } from "../authorize.ts";
import { isRoot, type Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { hashToken } from "../token-text.ts";
import { auditEntry } from "./audit-entry.ts";
import { createSecret } from "./secrets.ts";
import { checkPassword } from "./check-password.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Invites somebody: gives the code that makes one account. FORBIDDEN, NOT_FOUND for a scope that is not there. */
export async function invite(
  parts: RegistryParts,
  { caller, request }: { caller: Caller | undefined; request: InvitationRequest & { admin: boolean; expiresInDays: number } },
): Promise<InvitationCreated> {
  const maker = root(caller, "invite");
  const { grant, email, admin } = request;
  if (grant !== undefined && (await parts.metadata.scopes.get(grant.scope)) === undefined)
    throw new GraftError("NOT_FOUND", `Cannot invite into @${grant.scope}: there is no such scope`, {
      hint: `Create it first: graft scope create @${grant.scope}`,
    });
  const code = createSecret();
  const now = parts.clock();
  const expiresAt = new Date(now.getTime() + request.expiresInDays * DAY).toISOString();
  await parts.metadata.users.invite(
    {
      hash: await hashToken(code),
      ...given({ email, grant }),
      isAdmin: admin,
      createdBy: maker.actor,
      createdAt: now.toISOString(),
      expiresAt,
    },
    auditEntry(parts, maker, {
      action: "account.invite",
      subject: email ?? "anybody",
      ...given({ scope: grant?.scope }),
      detail: { admin, expiresAt, ...given({ role: grant?.role }) },
    }),
  );
  return { code, expiresAt };
}

/** Makes an account that signs in by a password. FORBIDDEN without an invitation where sign-up is closed; NOT_FOUND, CONFLICT. */
export async function createAccount(
  parts: RegistryParts,
  { request, address }: { request: AccountRequest; address: string | undefined },
): Promise<StoredUser> {
  const { name, password, invitation: code } = request;
  if (code === undefined && parts.settings.signUp === "closed") {
    throw new GraftError("FORBIDDEN", "Cannot make an account: sign-up is by invitation", {
      hint: "Ask whoever runs the registry for an invitation (graft invite)",
    });
  }
  const invitation = code === undefined ? undefined : await hashToken(code);
  const createdAt = parts.clock().toISOString();
  const invited = invitation === undefined ? undefined : await parts.metadata.users.invitation(invitation, createdAt);
  // Looked at before the costly hash, and used up in the transaction.
  if (invitation !== undefined && invited === undefined)
    throw new GraftError("NOT_FOUND", "Cannot make the account: the invitation was used or has expired", {
      hint: "Ask for another invitation",
    });
  const user: StoredUser = {
    name,
    ...given({ email: invited?.email }),
    isAdmin: invited?.isAdmin ?? false,
    passwordHash: await parts.access.passwords.hash(password),
    createdAt,
  };
  const entry = auditEntry(
    parts,
    { actor: `user:${name}`, ...given({ address }) },
    { action: "account.create", subject: name, detail: { invitedBy: invited?.createdBy ?? "nobody" } },
  );
  await parts.metadata.users.create({ user, ...given({ invitation }) }, entry);
  return user;
}

/** Sets a new password: one's own with the current one, anybody's for those who run the registry. FORBIDDEN, UNAUTHORIZED. */
export async function setPassword(
  parts: RegistryParts,
  { caller, name, request }: { caller: Caller | undefined; name: string; request: PasswordRequest },
): Promise<void> {
  const asking = signedIn(caller);
  const isOwn = asking.account?.name === name;
  if (isOwn) await checkPassword(parts, { user: name, password: request.current ?? "", address: asking.address });
  else if (!isRoot(asking)) root(asking, `set the password of "${name}"`);
  const passwordHash = await parts.access.passwords.hash(request.password);
  await parts.metadata.users.update({ name, passwordHash }, auditEntry(parts, asking, { action: "account.password", subject: name }));
}

/** Ends an account with its sessions and tokens; its name stays taken. FORBIDDEN, NOT_FOUND. */
export async function disableAccount(parts: RegistryParts, { caller, name }: { caller: Caller | undefined; name: string }): Promise<void> {
  const asking = root(caller, "end an account");
  if (asking.account?.name === name)
    throw new GraftError("CONFLICT", `Cannot end the account "${name}": it is your own`, { hint: "Let another administrator do it" });
  await parts.metadata.users.update(
    { name, disabledAt: parts.clock().toISOString() },
    auditEntry(parts, asking, { action: "account.end", subject: name }),
  );
}
