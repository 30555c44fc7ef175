import type { Digest } from "@graft/digest";
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { LookupStore } from "../metadata/lookup-store.ts";
import type { Viewer } from "../metadata/viewer.ts";
import { baseSummaryOf } from "./bases.ts";
import { SUMMARY_COLUMNS, summaryOf } from "./columns.ts";
import { findFits } from "./find.ts";
import type { Database } from "./schema.ts";
import { visibleTo } from "./visible.ts";

/** Look-ups in SQL. */
export function sqlLookups(database: Kysely<Database>, viewer: Viewer): LookupStore {
  const visible = visibleTo(database, viewer);
  const having = async (column: "digest" | "tensors_digest", digest: Digest, limit: number) => {
    const rows = await database
      .selectFrom("versions")
      .innerJoin("adapters", "adapters.name", "versions.name")
      .select(SUMMARY_COLUMNS)
      .where(`versions.${column}`, "=", digest)
      .where("versions.withdrawn_at", "is", null)
      .where(visible)
      .orderBy("versions.name")
      .orderBy("versions.sort", "desc")
      .limit(limit)
      .execute();
    return rows.map(summaryOf);
  };
  return {
    withDigest: (digest, limit) => having("digest", digest, limit),
    needs: async (digest) => {
      if ((await having("digest", digest, 1)).length > 0) return true;
      const file = await database
        .selectFrom("version_files")
        .innerJoin("versions", (join) =>
          join.onRef("versions.name", "=", "version_files.name").onRef("versions.version", "=", "version_files.version"),
        )
        .innerJoin("adapters", "adapters.name", "versions.name")
        .select("version_files.path")
        .where("version_files.digest", "=", digest)
        .where("versions.withdrawn_at", "is", null)
        .where(visible)
        .limit(1)
        .executeTakeFirst();
      return file !== undefined;
    },
    withTensors: (digest, limit) => having("tensors_digest", digest, limit),
    find: (query) => findFits(database, { ...query, visible }),
    withLayout: async (layout, limit) => {
      const bases = await database
        .selectFrom("bases")
        .selectAll()
        .where("layout", "=", layout)
        .orderBy("fingerprint")
        .limit(limit)
        .execute();
      const rows = await Promise.all(
        bases.map(async (base) => ({ base, count: await countAdapters(database, { base: base.fingerprint, visible }) })),
      );
      return rows
        .toSorted((one, other) => other.count - one.count)
        .map(({ base, count }) => ({ ...baseSummaryOf(base), adapterCount: count }));
    },
  };
}

/** Adapters of a base that a viewer may see; counting stops at a thousand. */
async function countAdapters(
  database: Kysely<Database>,
  { base, visible }: { readonly base: string; readonly visible: RawBuilder<boolean> },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from (
    select distinct adapter_fits.name from adapter_fits join adapters on adapters.name = adapter_fits.name
    where adapter_fits.base = ${base} and ${visible} limit 1000) as counted`.execute(database);
  return rows[0]?.count ?? 0;
}
