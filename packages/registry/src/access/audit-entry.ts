import type { AuditEntry } from "@graft/storage";
import type { Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";

/** What is logged of a change, besides who made it and when. */
export type AuditFacts = Pick<AuditEntry, "action" | "subject" | "scope" | "detail">;

/** An entry of the log for a change that somebody makes now. */
export function auditEntry(
  { clock }: Pick<RegistryParts, "clock">,
  caller: Pick<Caller, "actor" | "address">,
  { action, subject, scope, detail }: AuditFacts,
): AuditEntry {
  return { at: clock().toISOString(), actor: caller.actor, action, subject, ...given({ address: caller.address, scope, detail }) };
}
