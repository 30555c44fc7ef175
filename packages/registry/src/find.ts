import type { Digest } from "@graft/digest";
import type { Manifest } from "@graft/format";
import { fingerprintOf } from "@graft/onnx";
import type { FindRequest, FindResponse, Fit } from "@graft/protocol";
import type { FoundVersion, MetadataStore, Readings, Viewer } from "@graft/storage";
import { cutPage, storePage } from "./cursor.ts";
import { baseSummary, given, versionSummary } from "./records.ts";

/** How many absent modules a partial match lists, and how many similar bases an answer. */
const LISTED = 20;

/** Adapters that fit a base, by what is known of it: a file, its fingerprint, or its matrices. */
export async function find(
  metadata: MetadataStore,
  { viewer, request }: { viewer: Viewer; request: FindRequest & { limit: number } },
): Promise<FindResponse> {
  const seen = metadata.seenBy(viewer);
  const { byFile, fingerprint } = await recognise(metadata, request);
  const base = fingerprint === undefined ? undefined : await metadata.bases.get(fingerprint);
  const matrices = request.matrices ?? base?.matrices.map(({ digest }) => digest) ?? [];
  const origin = base?.derivedFrom?.base;
  const found = await seen.lookups.find({ ...storePage(request), matrices, ...given({ base: fingerprint, origin }) });
  const { items, ...rest } = cutPage(found, { limit: request.limit, key: ({ rank, name }) => `${rank}:${name}` });
  const present = new Set<Digest>(matrices);
  const matches = items.map(async (item) => ({
    ...versionSummary(item),
    ...given({ description: item.description }),
    method: item.method,
    task: item.task,
    fit: fitOf(item, byFile),
    targets: item.targetCount,
    present: item.present,
    missing: item.rank === 3 ? await missingModules(seen, item, present) : [],
  }));
  const summary = base === undefined ? undefined : baseSummary({ ...base, matrixCount: base.matrices.length });
  const similar = request.cursor === undefined ? await similarBases(seen, { layout: request.layout ?? base?.layout, fingerprint }) : [];
  return { ...given({ base: summary }), matches: await Promise.all(matches), similar, ...rest };
}

async function similarBases(
  { lookups }: Readings,
  { layout, fingerprint }: { layout: Digest | undefined; fingerprint: Digest | undefined },
): Promise<FindResponse["similar"]> {
  if (layout === undefined) return [];
  const found = await lookups.withLayout(layout, LISTED + 1);
  return found
    .filter((base) => base.fingerprint !== fingerprint)
    .slice(0, LISTED)
    .map((base) => ({ ...baseSummary(base), adapterCount: base.adapterCount }));
}

/** The registered base that a request means: a known file says it at once, a set of matrices has one fingerprint. */
async function recognise(
  metadata: MetadataStore,
  { fileDigest, fingerprint, matrices }: FindRequest,
): Promise<{ byFile: boolean; fingerprint?: Digest }> {
  const [file] = fileDigest === undefined ? [] : await metadata.bases.withFile(fileDigest);
  if (file !== undefined) return { byFile: true, fingerprint: file.fingerprint };
  const wanted = fingerprint ?? (matrices === undefined ? undefined : await fingerprintOf(matrices));
  return { byFile: false, ...given({ fingerprint: wanted }) };
}

function fitOf({ rank }: FoundVersion, byFile: boolean): Fit {
  if (rank === 0) return byFile ? "file" : "fingerprint";
  return rank === 1 ? "targets" : rank === 2 ? "variant" : "partial";
}

async function missingModules({ versions }: Readings, { name, version }: FoundVersion, present: ReadonlySet<Digest>): Promise<string[]> {
  const stored = await versions.get(name, version);
  const { targets = [] } = (stored?.manifest ?? {}) as Partial<Manifest>;
  return targets
    .filter(({ digest }) => !present.has(digest))
    .slice(0, LISTED)
    .map(({ module }) => module);
}
