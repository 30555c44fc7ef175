import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Instant, NamePart, PageQuery } from "./primitives.ts";
import { Role } from "./scopes.ts";

/** Name of an account: what a scope may be called. */
export const AccountName = NamePart.max(64);
export type AccountName = z.infer<typeof AccountName>;

/** A password: long enough to resist guessing, short enough to hash. */
const Password = z.string().min(LIMITS.passwordLeast).max(LIMITS.passwordMost);

/** An account, as those who run the registry see it. */
export const AccountRecord = z
  .object({
    name: AccountName,
    email: z.string().optional(),
    admin: z.boolean(),
    createdAt: Instant,
    disabledAt: Instant.optional(),
  })
  .meta({ id: "AccountRecord" });
export type AccountRecord = z.infer<typeof AccountRecord>;

/** A page of accounts, by name. */
export const AccountList = z.object({ accounts: z.array(AccountRecord), next: z.string().optional() }).meta({ id: "AccountList" });
export type AccountList = z.infer<typeof AccountList>;

/** Query of the list of accounts. */
export const AccountsQuery = PageQuery;

/** Makes an account; without an invitation only where sign-up is open. */
export const AccountRequest = z
  .strictObject({ name: AccountName, password: Password, invitation: z.string().max(LIMITS.secretLength).optional() })
  .meta({ id: "AccountRequest" });
export type AccountRequest = z.infer<typeof AccountRequest>;

/** A new password; `current` is wanted of everybody but those who run the registry. */
export const PasswordRequest = z
  .strictObject({ current: z.string().max(LIMITS.passwordMost).optional(), password: Password })
  .meta({ id: "PasswordRequest" });
export type PasswordRequest = z.infer<typeof PasswordRequest>;

/** Asks for an invitation: for whom, and what the account gets. */
export const InvitationRequest = z
  .strictObject({
    email: z.email().max(LIMITS.labelLength).optional(),
    admin: z.boolean().default(false),
    grant: z.strictObject({ scope: NamePart, role: Role }).optional(),
    expiresInDays: z.int().min(1).max(30).default(7),
  })
  .meta({ id: "InvitationRequest" });
export type InvitationRequest = z.input<typeof InvitationRequest>;

/** The only time that an invitation's code is given; it makes one account. */
export const InvitationCreated = z.object({ code: z.string(), expiresAt: Instant }).meta({ id: "InvitationCreated" });
export type InvitationCreated = z.infer<typeof InvitationCreated>;
