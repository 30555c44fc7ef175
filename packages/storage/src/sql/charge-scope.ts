import { GraftError } from "@graft/error";
import type { Transaction } from "kysely";
import type { Quota, StoredScope } from "../metadata/scope-store.ts";
import type { StoredVersion } from "../metadata/version-store.ts";
import { canonicalName } from "./canonical-name.ts";
import { lock } from "./dialect.ts";
import type { Database } from "./schema.ts";

/** Counts a new version in its scope, which is the registry's own when nobody claimed it. QUOTA_EXCEEDED. */
export async function chargeScope(
  transaction: Transaction<Database>,
  { version, quota }: { version: StoredVersion; quota: Quota },
): Promise<void> {
  const { name, size, publishedAt, publishedBy } = version;
  const scope = name.slice(1, name.indexOf("/"));
  await lock(transaction, `quota ${scope}`);
  const find = () => transaction.selectFrom("scopes").selectAll().where("name", "=", scope).executeTakeFirst();
  const known = await find();
  if (known === undefined) await insertScope(transaction, { name: scope, createdAt: publishedAt, createdBy: publishedBy });
  const bytes = Number(known?.bytes ?? 0) + size;
  const versions = Number(known?.versions ?? 0) + 1;
  const most = { bytes: known?.quota_bytes ?? quota.bytes, versions: known?.quota_versions ?? quota.versions };
  for (const [what, count, limit] of [
    ["bytes", bytes, most.bytes],
    ["versions", versions, most.versions],
  ] as const) {
    if (limit === undefined || count <= Number(limit)) continue;
    throw new GraftError(
      "QUOTA_EXCEEDED",
      `Cannot publish ${name}@${version.version}: @${scope} would hold ${count} ${what}, want at most ${limit}`,
      {
        hint: "Ask whoever runs the registry for more",
        detail: { scope, what, count, limit: Number(limit) },
      },
    );
  }
  await transaction.updateTable("scopes").set({ bytes, versions }).where("name", "=", scope).execute();
}

/** Adds a scope. CONFLICT when it is taken or resembles one. */
export async function insertScope(
  transaction: Transaction<Database>,
  { name, createdAt, createdBy }: Pick<StoredScope, "name" | "createdAt" | "createdBy">,
): Promise<void> {
  const canonical = canonicalName(name);
  await lock(transaction, `scope ${canonical}`);
  const taken = await transaction.selectFrom("scopes").select("name").where("canonical", "=", canonical).executeTakeFirst();
  if (taken !== undefined) {
    const why = taken.name === name ? "it is taken" : `it resembles @${taken.name}`;
    throw new GraftError("CONFLICT", `Cannot create the scope @${name}: ${why}`, {
      hint: "Choose another name, or ask its owners for a role in it",
    });
  }
  await transaction
    .insertInto("scopes")
    .values({ name, canonical, created_at: createdAt, created_by: createdBy, quota_bytes: null, quota_versions: null })
    .execute();
}
