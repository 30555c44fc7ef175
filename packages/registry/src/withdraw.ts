import { GraftError } from "@graft/error";
import type { Withdrawn } from "@graft/protocol";
import { EVERYTHING } from "@graft/storage";
import { auditEntry } from "./access/audit-entry.ts";
import { allowed } from "./authorize.ts";
import { scopeOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";

/** So long a version can be taken back whoever uses it, in milliseconds: as npm has it. */
const FREE = 72 * 60 * 60 * 1000;

const DAY = 24 * 60 * 60 * 1000;

/** After that, a version that was downloaded within so many days is one that somebody depends on. */
const DEPENDENCE_DAYS = 90;

/** Takes a version back: within 72 hours, and afterwards when nobody depends on it. NOT_FOUND, WITHDRAWN, STILL_NEEDED. */
export async function withdraw(
  parts: RegistryParts,
  { name, version, reason, ...asking }: { caller: Caller | undefined; name: string; version: string; reason: string },
): Promise<Withdrawn> {
  const { metadata, clock } = parts;
  const caller = allowed(asking.caller, "publish", name);
  const { versions } = metadata.seenBy(EVERYTHING);
  const gone = await versions.withdrawal(name, version);
  if (gone !== undefined) throw withdrawn({ name, version, ...gone });
  const stored = await versions.get(name, version);
  if (stored === undefined) throw new GraftError("NOT_FOUND", `Cannot withdraw ${name}@${version}: there is no such version`);
  const now = clock();
  if (now.getTime() - Date.parse(stored.publishedAt) > FREE) {
    const since = new Date(now.getTime() - DEPENDENCE_DAYS * DAY).toISOString().slice(0, 10);
    const { versions: counts } = await metadata.seenBy(EVERYTHING).search.downloads(name, since);
    const count = counts.find((entry) => entry.version === version)?.count ?? 0;
    if (count > 0) {
      throw new GraftError(
        "STILL_NEEDED",
        `Cannot withdraw ${name}@${version}: it is older than 72 hours, and was downloaded ${count} times in the last ${DEPENDENCE_DAYS} days`,
        { hint: 'Tell people instead: graft deprecate <name>@<version> "use another version"', detail: { downloads: count, since } },
      );
    }
  }
  const entry = auditEntry(parts, caller, {
    action: "version.withdraw",
    subject: name,
    scope: scopeOf(name),
    detail: { version, reason },
  });
  await metadata.versions.withdraw({ name, version }, { at: now.toISOString(), reason, entry });
  return { name, version, withdrawnAt: now.toISOString(), tags: await versions.tags(name) };
}

/** WITHDRAWN, with when and why. */
export function withdrawn({ name, version, at, reason }: { name: string; version: string; at: string; reason: string }): GraftError {
  return new GraftError("WITHDRAWN", `Cannot give ${name}@${version}: it was withdrawn on ${at.slice(0, 10)}: ${reason}`, {
    hint: "Take another version",
    detail: { withdrawnAt: at, reason },
  });
}
