import type { Digest } from "@graft/digest";
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { FoundVersion, LookupStore } from "../metadata/lookup-store.ts";
import { SUMMARY_COLUMNS, summaryOf } from "./columns.ts";
import { textList } from "./dialect.ts";
import type { Database } from "./schema.ts";

/** Ranks of a fit, the best first. */
const RANKS = [0, 1, 2, 3] as const;
type Rank = (typeof RANKS)[number];

/** Sets of targets that one statement walks through. */
const SETS_AT_ONCE = 64;

/** What is asked, with the sets of targets that share a matrix with it. */
interface Question {
  readonly base: Digest | undefined;
  readonly origin: Digest | undefined;
  readonly visible: RawBuilder<boolean>;
  /** Sets that are there whole, and those that are there in part. */
  readonly whole: readonly number[];
  readonly part: readonly number[];
}

interface Fit {
  readonly name: string;
  readonly version_id: number;
  readonly target_set: number;
  readonly rank: Rank;
}

/**
 * Adapters that have to do with a base, rank after rank and by name, from the table of each adapter's best version per base and set of
 * targets: a page costs the same however many adapters there are, and however many versions they have.
 */
export async function findFits(
  database: Kysely<Database>,
  { base, origin, matrices, limit, after, visible }: Parameters<LookupStore["find"]>[0] & { readonly visible: RawBuilder<boolean> },
): Promise<FoundVersion[]> {
  const sets = await presentSets(database, matrices);
  const idsOf = (isWhole: boolean): number[] => sets.flatMap((set) => ((set.present === set.size) === isWhole ? [set.id] : []));
  const question: Question = { base, origin, visible, whole: idsOf(true), part: idsOf(false) };
  const [first, last] = splitCursor(after);
  const fits: Fit[] = [];
  for (const rank of RANKS) {
    if (rank < first || fits.length >= limit) continue;
    fits.push(...(await fitsOfRank(database, question, { rank, after: rank === first ? last : "", limit: limit - fits.length })));
  }
  return await withVersions(database, { fits, present: new Map(sets.map(({ id, present }) => [id, present])) });
}

async function presentSets(
  database: Kysely<Database>,
  matrices: readonly Digest[],
): Promise<{ readonly id: number; readonly size: number; readonly present: number }[]> {
  if (matrices.length === 0) return [];
  const { rows } = await sql<{ id: number; size: number; present: number }>`
    select target_sets.id, target_sets.size, shared.present from target_sets join (
      select target_set, count(*) as present from targets where matrix in ${textList(database, matrices)} group by target_set
    ) shared on shared.target_set = target_sets.id order by target_sets.id`.execute(database);
  return rows;
}

async function fitsOfRank(
  database: Kysely<Database>,
  question: Question,
  { rank, after, limit }: { readonly rank: Rank; readonly after: string; readonly limit: number },
): Promise<Fit[]> {
  const found: Fit[] = [];
  // Each walk is along one index, so that it ends after `limit` rows: the first names of all are among the first of each.
  for (const walks of chunks(walksOf(rank, question), SETS_AT_ONCE)) {
    const parts = walks.map(
      (walk) => sql`select * from (
        select f.name, f.version_id, f.target_set from adapter_fits f join adapters on adapters.name = f.name
        where ${walk} and f.name > ${after} and ${question.visible}
          and not exists (select 1 from adapter_fits g where g.name = f.name and (${isBetter(rank, question)}))
        order by f.name limit ${limit}) as walk`,
    );
    const { rows } = await sql<Omit<Fit, "rank">>`${sql.join(parts, sql` union all `)}`.execute(database);
    found.push(...rows.map((row) => ({ ...row, rank })));
  }
  return found.toSorted((one, other) => (one.name < other.name ? -1 : 1)).slice(0, limit);
}

/** Conditions on `f`, each along one index. */
function walksOf(rank: Rank, { base, origin, whole, part }: Question): RawBuilder<boolean>[] {
  const along = (sets: readonly number[]) => sets.map((set) => sql<boolean>`f.target_set = ${set}`);
  const of = (fingerprint: Digest | undefined) => (fingerprint === undefined ? [] : [sql<boolean>`f.base = ${fingerprint}`]);
  return [of(base), along(whole), of(origin), along(part)][rank] ?? [];
}

/** Whether another version `g` of the adapter of `f` has a better rank, or the same and is to be shown: a release, or newer. */
function isBetter(rank: Rank, question: Question): RawBuilder<unknown> {
  const better = RANKS.slice(0, rank).map((each) => hasRank(each, question));
  const later = sql`(g.prerelease < f.prerelease or (g.prerelease = f.prerelease and (g.sort > f.sort or (g.sort = f.sort and g.version_id > f.version_id))))`;
  return sql.join([...better, sql`(${hasRank(rank, question)} and ${later})`], sql` or `);
}

function hasRank(rank: Rank, { base, origin, whole, part }: Question): RawBuilder<unknown> {
  const among = (sets: readonly number[]) =>
    sets.length === 0 ? sql`false` : sql`g.target_set in (${sql.join(sets.map((set) => sql.lit(set)))})`;
  const of = (fingerprint: Digest | undefined) => (fingerprint === undefined ? sql`false` : sql`g.base = ${fingerprint}`);
  return [of(base), among(whole), of(origin), among(part)][rank] ?? sql`false`;
}

async function withVersions(
  database: Kysely<Database>,
  { fits, present }: { readonly fits: readonly Fit[]; readonly present: ReadonlyMap<number, number> },
): Promise<FoundVersion[]> {
  if (fits.length === 0) return [];
  const versions = await database
    .selectFrom("versions")
    .select(SUMMARY_COLUMNS)
    .select(["versions.id", "versions.target_count"])
    .where(
      "versions.id",
      "in",
      fits.map((fit) => fit.version_id),
    )
    .execute();
  const byId = new Map(versions.map((version) => [version.id, version]));
  return fits.flatMap(({ version_id: id, target_set: set, rank }) => {
    const version = byId.get(id);
    if (version === undefined) return [];
    const targetCount = version.target_count;
    return [{ ...summaryOf(version), rank, targetCount, present: rank === 0 ? targetCount : (present.get(set) ?? 0) }];
  });
}

function splitCursor(after: string | undefined): [rank: number, name: string] {
  const [rank, name] = after?.split(":", 2) ?? [];
  return rank === undefined || name === undefined ? [-1, ""] : [Number(rank), name];
}

function chunks<Item>(items: readonly Item[], length: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / length) }, (_, index) => items.slice(index * length, (index + 1) * length));
}
