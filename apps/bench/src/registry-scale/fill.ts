import { createHash } from "node:crypto";
import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { openSqlConnection, type SqlConnection } from "@graft/storage/node";
import { versionOrder } from "@graft/storage";
import { scaleAdapter, scaleBases, VERSIONS, type ScaleBase } from "./dataset.ts";

/** Adapters of one statement. */
const BATCH = 1_000;

/** How much to fill in. */
export interface FillOptions {
  readonly adapters: number;
  /** Of each adapter. */
  readonly versions?: number;
  /** Told how many adapters are there. */
  readonly onProgress?: (done: number) => void;
}

/** Fills an empty database of a registry, faster than single publishes ever would. Gives the seconds it took; undefined when it is full already. */
export async function fill(
  address: string,
  { adapters, versions = VERSIONS, onProgress = () => undefined }: FillOptions,
): Promise<number | undefined> {
  const started = performance.now();
  const connection = await openSqlConnection(address);
  try {
    const [there] = (await connection.run("select count(*) as count from adapters")) as { count: number }[];
    if (there?.count === adapters) return undefined;
    if (there?.count !== 0)
      throw new GraftError("USAGE", `Cannot fill the database: it holds ${there?.count} adapters, want none or ${adapters}`);
    // A fill that is cut off is begun again; nobody waits for the disk.
    await connection.run(connection.isPostgres ? "set synchronous_commit = off" : "pragma synchronous = off");
    if (!connection.isPostgres) await connection.run("pragma cache_size = -400000");
    const bases = scaleBases(adapters);
    const sets = await fillBases(connection, bases);
    for (let first = 0; first < adapters; first += BATCH) {
      await fillAdapters(connection, { first, count: Math.min(BATCH, adapters - first), adapters, versions, bases, sets });
      onProgress(Math.min(first + BATCH, adapters));
    }
    await connection.refresh();
    await connection.run("analyze");
  } finally {
    await connection.close();
  }
  return (performance.now() - started) / 1000;
}

/** Gives the ids of each base's sets of targets. */
async function fillBases(connection: SqlConnection, bases: readonly ScaleBase[]): Promise<number[][]> {
  const ids: number[][] = [];
  for (const [index, { name, fingerprint, matrices, sets }] of bases.entries()) {
    const base = `insert into bases (fingerprint, name, matrix_count, registered_at, registered_by)
      values ($1, $2, $3, '2024-01-01T00:00:00.000Z', 'bench')`;
    await connection.run(base, [fingerprint, name, matrices.length]);
    await insert(connection, "base_matrices", {
      columns: "base, position, module, digest, rows, columns",
      values: "base, position, module, digest, 768, 768",
      types: { base: "text", position: "integer", module: "text", digest: "text" },
      rows: matrices.map((digest, position) => ({ base: fingerprint, position, module: `layer.${position}`, digest })),
    });
    const file = "insert into base_files (base, digest, name, size) values ($1, $2, 'model.safetensors', 90000000)";
    await connection.run(file, [fingerprint, fileDigest(index)]);
    ids.push(sets.map((_, set) => index * sets.length + set + 1));
    for (const [set, members] of sets.entries()) {
      const id = index * sets.length + set + 1;
      await connection.run("insert into target_sets (id, digest, size) values ($1, $2, $3)", [
        id,
        digestOf(members.toSorted().join("\n")),
        members.length,
      ]);
      await insert(connection, "targets", {
        columns: "matrix, target_set",
        values: "matrix, id",
        types: { matrix: "text", id: "bigint" },
        rows: members.map((matrix) => ({ matrix, id })),
      });
    }
  }
  return ids;
}

/** Digest of the one file of a base. */
export function fileDigest(base: number): Digest {
  return digestOf(`file of base ${base}`);
}

/** Adapters from `first` on, each with its versions, of which the last is what is shown. */
async function fillAdapters(
  connection: SqlConnection,
  {
    first,
    count,
    adapters,
    versions,
    bases,
    sets,
  }: { first: number; count: number; adapters: number; versions: number; bases: readonly ScaleBase[]; sets: readonly number[][] },
): Promise<void> {
  const numbers = Array.from({ length: versions }, (_, index) => `1.${index}.0`);
  const made = Array.from({ length: count }, (_, index) => ({ index: first + index, ...scaleAdapter(first + index, adapters) }));
  const rows = made.map(({ index, base, set, description, keywords, manifest, ...rest }) => ({
    ...rest,
    description,
    canonical: `canonical ${index}`,
    fingerprint: bases[base]?.fingerprint ?? "",
    target_set: sets[base]?.[set] ?? 0,
    target_count: bases[base]?.sets[set]?.length ?? 0,
    keywords: JSON.stringify(keywords),
    manifest: JSON.stringify(manifest),
    newest: (index + 1) * versions,
    popularity: Math.floor(Math.log2(rest.downloads + 1)),
  }));
  const types = { name: "text", scope: "text", canonical: "text", newest: "bigint" };
  await insert(connection, "adapters", {
    columns: "name, canonical, newest, scope, visibility",
    values: "name, canonical, newest, scope, 'public'",
    types,
    rows,
  });
  await insert(connection, "versions", {
    columns: `id, name, version, sort, prerelease, digest, size, tensors_digest, base, method, task, description, keywords, target_set, target_count,
      manifest, signatures, published_at, published_by`,
    values: `id, name, version, sort, 0, digest, 1000000, tensors, fingerprint, method, task, description, keywords, target_set, target_count,
      manifest, '[]', published, 'bench'`,
    types: VERSION_TYPES,
    rows: rows.flatMap(({ publishedAt, ...row }) =>
      numbers.map((number, place) => ({
        ...row,
        id: row.newest - versions + place + 1,
        version: number,
        sort: versionOrder(number),
        digest: digestOf(`${row.name}@${number}`),
        tensors: digestOf(`tensors of ${row.name}@${number}`),
        published: publishedAt,
      })),
    ),
  });
  await insert(connection, "tags", { columns: "name, tag, version", values: `name, 'latest', '1.${versions - 1}.0'`, types, rows });
  // What search knows is worked out later; the downloads are what it starts from.
  await insert(connection, "search_entries", {
    columns: `name, version_id, is_public, publisher, published_at, downloads, popularity, task, method, base, base_name, languages,
      name_words, tag_words, description_words, base_words`,
    values: "name, newest, 1, scope, '', downloads, popularity, '', '', '', '', '[]', '', '', '', ''",
    types: { ...types, downloads: "bigint", popularity: "integer" },
    rows,
  });
}

const VERSION_TYPES = {
  id: "bigint",
  name: "text",
  version: "text",
  sort: "text",
  digest: "text",
  tensors: "text",
  fingerprint: "text",
  method: "text",
  task: "text",
  description: "text",
  keywords: "text",
  target_set: "bigint",
  target_count: "integer",
  manifest: "text",
  published: "text",
};

interface Insertion {
  readonly columns: string;
  readonly values: string;
  /** What of each row is read, and its type. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Rows as one parameter of JSON: faster than thousands of parameters. */
async function insert(connection: SqlConnection, table: string, { columns, values, types, rows }: Insertion): Promise<void> {
  const names = Object.keys(types);
  const given = connection.isPostgres
    ? `json_to_recordset($1::json) as given (${Object.entries(types)
        .map(([name, type]) => `${name} ${type}`)
        .join(", ")})`
    : `(select ${names.map((name) => `json_extract(value, '$.${name}') as ${name}`).join(", ")} from json_each($1))`;
  const list = rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
  await connection.run(`insert into ${table} (${columns}) select ${values} from ${given}`, [JSON.stringify(list)]);
}

function digestOf(text: string): Digest {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
