import { GraftError } from "@graft/error";
import type { PublisherRecord, PublisherRequest } from "@graft/protocol";
import type { StoredPublisher } from "@graft/storage";
import { allowed } from "../authorize.ts";
import { scopeOf, type Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { auditEntry } from "./audit-entry.ts";
import { createSecret } from "./secrets.ts";

/** Who asks, and about which name. */
interface PublisherCall {
  readonly caller: Caller | undefined;
  readonly name: string;
}

/** Trusts a workflow with a name. FORBIDDEN, CONFLICT, USAGE for an issuer whose keys the registry does not ask for. */
export async function addPublisher(
  parts: RegistryParts,
  { caller, name, request }: PublisherCall & { request: PublisherRequest },
): Promise<PublisherRecord> {
  const asking = allowed(caller, "admin", name);
  if (!parts.settings.workloadIssuers.includes(request.issuer)) {
    throw new GraftError("USAGE", `Cannot trust the issuer ${request.issuer}: this registry asks it for no keys`, {
      hint: "Whoever runs the registry adds it to GRAFT_WORKLOAD_ISSUERS",
      detail: { issuers: parts.settings.workloadIssuers },
    });
  }
  const publisher: StoredPublisher = {
    id: createSecret().slice(0, 16),
    name,
    ...request,
    createdAt: parts.clock().toISOString(),
    createdBy: asking.actor,
  };
  await parts.metadata.publishers.add(
    publisher,
    auditEntry(parts, asking, { action: "publisher.add", subject: name, scope: scopeOf(name), detail: { ...request } }),
  );
  return publisherRecord(publisher);
}

/** Workflows that are trusted with a name. FORBIDDEN. */
export async function listPublishers(parts: RegistryParts, { caller, name }: PublisherCall): Promise<PublisherRecord[]> {
  allowed(caller, "admin", name);
  return (await parts.metadata.publishers.list(name)).map(publisherRecord);
}

/** Trusts a workflow no more. FORBIDDEN, NOT_FOUND. */
export async function removePublisher(parts: RegistryParts, { caller, name, id }: PublisherCall & { id: string }): Promise<void> {
  const asking = allowed(caller, "admin", name);
  const publisher = await parts.metadata.publishers.get(id);
  const entry = auditEntry(parts, asking, { action: "publisher.remove", subject: name, scope: scopeOf(name), detail: { id } });
  if (publisher?.name !== name || !(await parts.metadata.publishers.remove(id, entry)))
    throw new GraftError("NOT_FOUND", `Cannot find the trusted workflow "${id}" of ${name}`, { hint: `See graft publisher ls ${name}` });
}

function publisherRecord({ id, name, issuer, repository, workflow, environment, createdAt }: StoredPublisher): PublisherRecord {
  return { id, name, issuer, repository, workflow, ...given({ environment }), createdAt };
}
