import type { Digest } from "@graft/digest";
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { FoundVersion, LookupStore } from "../metadata/lookup-store.ts";
import type { Viewer } from "../metadata/viewer.ts";
import { baseSummaryOf } from "./bases.ts";
import { SUMMARY_COLUMNS, summaryOf, type SummaryRow } from "./columns.ts";
import { textList } from "./dialect.ts";
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
    find: (query) => find(database, { ...query, visible }),
    withLayout: async (layout, limit) => {
      const rows = await database
        .selectFrom("bases")
        .selectAll("bases")
        .select((select) =>
          select
            .selectFrom("versions")
            .innerJoin("adapters", "adapters.name", "versions.name")
            .whereRef("versions.base", "=", "bases.fingerprint")
            .where("versions.withdrawn_at", "is", null)
            .where(visible)
            .select(({ fn }) => fn.count<number>("versions.name").distinct().as("adapters"))
            .as("adapter_count"),
        )
        .where("layout", "=", layout)
        .orderBy("adapter_count", "desc")
        .orderBy("fingerprint")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...baseSummaryOf(row), adapterCount: Number(row.adapter_count) }));
    },
  };
}

/** Counts per distinct set of targets, not per version: a base has few sets however many adapters it has. */
async function find(
  database: Kysely<Database>,
  { base, origin, matrices, limit, after, visible }: Parameters<LookupStore["find"]>[0] & { visible: RawBuilder<boolean> },
): Promise<FoundVersion[]> {
  const [rank, name] = splitCursor(after);
  const { rows } = await sql<SummaryRow & { rank: 0 | 1 | 2 | 3; target_count: number; present: number }>`
    with present_sets as (
      select target_set, count(*) as present from targets where matrix in ${textList(database, matrices)} group by target_set
    ), ranked as (
      select versions.*, coalesce(present_sets.present, 0) as present,
        case when versions.base = ${base ?? ""} then 0 when present_sets.present = versions.target_count then 1
          when versions.base = ${origin ?? ""} then 2 else 3 end as rank
      from versions left join present_sets on present_sets.target_set = versions.target_set
      join adapters on adapters.name = versions.name
      where (versions.base in (${base ?? ""}, ${origin ?? ""}) or present_sets.present > 0) and versions.withdrawn_at is null and ${visible}
    ), best as (
      select *, row_number() over (partition by name order by rank, prerelease, sort desc) as place from ranked
    )
    select * from best where place = 1 and (rank > ${rank} or (rank = ${rank} and name > ${name})) order by rank, name limit ${limit}`.execute(
    database,
  );
  return rows.map((row) => ({
    ...summaryOf(row),
    rank: row.rank,
    targetCount: row.target_count,
    present: row.rank === 0 ? row.target_count : Number(row.present),
  }));
}

function splitCursor(after: string | undefined): [rank: number, name: string] {
  const [rank, name] = after?.split(":", 2) ?? [];
  return rank === undefined || name === undefined ? [-1, ""] : [Number(rank), name];
}
