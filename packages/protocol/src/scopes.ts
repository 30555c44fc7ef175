import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Instant, PageQuery, Size } from "./primitives.ts";

/** What somebody may do in a scope: read its private adapters; publish, too; decide about all of it, too. */
export const Role = z.enum(["reader", "publisher", "owner"]);
export type Role = z.infer<typeof Role>;

/** Who holds a role: an account by its name, or `team:<name>`. */
export const HolderName = z
  .string()
  .regex(/^(?:team:)?[a-z0-9]+(?:[._-][a-z0-9]+)*$/, "want an account's name or team:<name>")
  .max(70);
export type HolderName = z.infer<typeof HolderName>;

/** How much a scope may hold; what is left out is as the registry has it for all. */
export const Quota = z.strictObject({ bytes: Size.optional(), versions: z.int().min(0).optional() }).meta({ id: "Quota" });
export type Quota = z.infer<typeof Quota>;

/** A scope, what it holds and what it may hold. */
export const ScopeRecord = z
  .object({ name: z.string(), createdAt: Instant, bytes: Size, versions: z.int(), quota: Quota, role: Role.optional() })
  .meta({ id: "ScopeRecord" });
export type ScopeRecord = z.infer<typeof ScopeRecord>;

/** A page of scopes, by name. */
export const ScopeList = z.object({ scopes: z.array(ScopeRecord), next: z.string().optional() }).meta({ id: "ScopeList" });
export type ScopeList = z.infer<typeof ScopeList>;

/** Which scopes to list: those the sender has a role in, or all of them for those who run the registry. */
export const ScopesQuery = PageQuery.extend({ all: z.stringbool().default(false) });
export type ScopesQuery = z.infer<typeof ScopesQuery>;

/** Claims a scope; the owner is the sender's account when left out. */
export const ScopeRequest = z.strictObject({ owner: HolderName.optional() }).meta({ id: "ScopeRequest" });
export type ScopeRequest = z.infer<typeof ScopeRequest>;

/** Everybody with a role in a scope, owners first. */
export const OwnerList = z.object({ owners: z.array(z.object({ holder: HolderName, role: Role })) }).meta({ id: "OwnerList" });
export type OwnerList = z.infer<typeof OwnerList>;

/** A role to give. */
export const RoleRequest = z.strictObject({ role: Role }).meta({ id: "RoleRequest" });
export type RoleRequest = z.infer<typeof RoleRequest>;

/** Who becomes the one owner of a scope. */
export const TransferRequest = z.strictObject({ to: HolderName }).meta({ id: "TransferRequest" });
export type TransferRequest = z.infer<typeof TransferRequest>;

/** One change: who did what to what, when, and from where. */
export const AuditEntry = z
  .object({
    id: z.int(),
    at: Instant,
    /** `user:<name>`, `token:<id>`, `workload:<repository>` or `registry`. */
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    scope: z.string().optional(),
    address: z.string().optional(),
    detail: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;

/** A page of changes, newest first. */
export const AuditLog = z.object({ entries: z.array(AuditEntry), next: z.string().optional() }).meta({ id: "AuditLog" });
export type AuditLog = z.infer<typeof AuditLog>;

/** A workflow of a repository that may publish a name. */
export const PublisherRequest = z
  .strictObject({
    issuer: z.url({ protocol: /^https?$/ }).max(LIMITS.labelLength),
    repository: z
      .string()
      .regex(/^[\w.-]+(?:\/[\w.-]+)+$/, "want owner/repository")
      .max(200),
    workflow: z
      .string()
      .regex(/^[\w./-]+$/, "want a path such as .github/workflows/publish.yml")
      .max(200),
    environment: z.string().min(1).max(LIMITS.labelLength).optional(),
  })
  .meta({ id: "PublisherRequest" });
export type PublisherRequest = z.infer<typeof PublisherRequest>;

/** A trusted publisher as a registry keeps it. */
export const PublisherRecord = PublisherRequest.extend({ id: z.string(), name: z.string(), createdAt: Instant }).meta({
  id: "PublisherRecord",
});
export type PublisherRecord = z.infer<typeof PublisherRecord>;

/** All trusted publishers of a name. */
export const PublisherList = z.object({ publishers: z.array(PublisherRecord) }).meta({ id: "PublisherList" });
export type PublisherList = z.infer<typeof PublisherList>;
