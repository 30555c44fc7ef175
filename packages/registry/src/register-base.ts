import { GraftError } from "@graft/error";
import { fingerprintOf, layoutOf } from "@graft/onnx";
import type { BaseDocument, BaseRegistered } from "@graft/protocol";
import { auditEntry } from "./access/audit-entry.ts";
import { allowed } from "./authorize.ts";
import { isRoot, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { baseSummary } from "./records.ts";

/** Registers a base, or adds files to one that the same token (or an administrator) registered. DIGEST_MISMATCH, FORBIDDEN. */
export async function registerBase(
  { metadata, clock }: RegistryParts,
  { caller, fingerprint, document }: { caller: Caller | undefined; fingerprint: string; document: BaseDocument },
): Promise<BaseRegistered> {
  const asking = allowed(caller, "publish");
  const computed = await fingerprintOf(document.matrices.map(({ digest }) => digest));
  if (computed !== document.fingerprint || computed !== fingerprint) {
    throw new GraftError(
      "DIGEST_MISMATCH",
      `Cannot register the base "${document.name}": its matrices have the fingerprint ${computed}, want ${fingerprint}`,
      { hint: "Take both from graft fingerprint" },
    );
  }
  const { derivedFrom } = document;
  if (derivedFrom?.base === computed)
    throw new GraftError("USAGE", `Cannot register the base "${document.name}" as made from itself`, {
      hint: "Name the base it was made from",
    });
  if (derivedFrom !== undefined && (await metadata.bases.summary(derivedFrom.base)) === undefined) {
    throw new GraftError(
      "BASE_UNKNOWN",
      `Cannot register the base "${document.name}": the registry does not know the base it was made from`,
      {
        hint: "Register that one first: graft base publish <path>",
        detail: { fingerprint: derivedFrom.base },
      },
    );
  }
  const known = await metadata.bases.get(computed);
  const added = document.files.filter(({ digest }) => known?.files.every((file) => file.digest !== digest) ?? true);
  if (known !== undefined && added.length > 0 && known.registeredBy !== asking.actor && !isRoot(asking)) {
    throw new GraftError("FORBIDDEN", `Cannot add ${added.length} files to the base "${known.name}": somebody else registered it`, {
      hint: "Register without files, or ask whoever registered it",
    });
  }
  const detail = { name: document.name, files: document.files.length };
  const status = await metadata.bases.put(
    { ...document, layout: await layoutOf(document.matrices), registeredAt: clock().toISOString(), registeredBy: asking.actor },
    auditEntry({ clock }, asking, { action: "base.register", subject: computed, detail }),
  );
  const summary = await metadata.bases.summary(computed);
  if (summary === undefined) throw new GraftError("INTERNAL", `The base ${computed} vanished`);
  return { status, base: baseSummary(summary) };
}
