import { GraftError } from "@graft/error";
import { type Manifest, targetTensors } from "@graft/format";
import type { MergeTarget } from "../method.ts";
import { lora } from "../methods/lora.ts";
import { principalPair } from "../principal-pair.ts";
import { singularValues } from "../singular-values.ts";
import { COMBINATIONS, type CombinationName, type CombineSettings } from "./combinations.ts";

/** An adapter to be combined. */
export interface CombineSource {
  readonly manifest: Manifest;
  /** sha256 of its file. */
  readonly digest: Manifest["base"]["fingerprint"];
  readonly weight: number;
  values(key: string): Promise<Float32Array>;
}

/** How adapters are combined, as PEFT calls it: `_svd` works on whole deltas and makes a pair of the result. */
export type CombineHow = CombinationName | "cat" | "svd" | `${Exclude<CombinationName, "linear">}_svd`;

/** Every way of combining. */
export const COMBINE_HOW: readonly CombineHow[] = [
  "linear",
  "cat",
  "svd",
  "ties",
  "ties_svd",
  "dare_linear",
  "dare_linear_svd",
  "dare_ties",
  "dare_ties_svd",
  "magnitude_prune",
  "magnitude_prune_svd",
];

/** How adapters are combined. */
export interface CombineOptions {
  readonly how: CombineHow;
  /** Of the pairs that `_svd` makes; the largest of the sources' by default. */
  readonly rank?: number | undefined;
  readonly density?: number | undefined;
  readonly majority?: CombineSettings["majority"] | undefined;
  readonly seed?: number | undefined;
  /** Place of the source whose head is taken, where they have several. */
  readonly head?: number | undefined;
}

/** An adapter as a manifest and its tensors, float32. */
export interface CombinedAdapter {
  readonly manifest: Manifest;
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
}

type Target = Manifest["targets"][number];

/** Matrices up to this width are decomposed whole where a delta has every rank. */
const WHOLE = 512;

/**
 * A weighted sum of adapters by `lora` on one base, which is an adapter like any other and names its parents. Targets are those of any of
 * them. USAGE where they cannot be combined: other methods, bases or ranks, whole tensors, heads that differ and none chosen.
 */
export async function combineAdapters(
  sources: readonly CombineSource[],
  options: CombineOptions & { readonly writer: Manifest["writer"] },
): Promise<CombinedAdapter> {
  const { how, density = 1, majority = "total", seed = 0, writer } = options;
  const [first] = sources;
  if (first === undefined) throw refused("there are none", "Give two or more");
  check(sources, options);
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  const targets: Target[] = [];
  const modules = new Map(sources.flatMap(({ manifest }) => manifest.targets.map((target) => [target.module, target] as const)));
  for (const target of modules.values()) {
    const settings = { density, majority, seed, name: target.module };
    const { rank, a, b } = await combineTarget(sources, { target, settings, options });
    const { alpha: _, scale: __, ...rest } = target;
    const combined = { ...rest, rank, alpha: rank, scale: 1 };
    targets.push(combined);
    for (const { part, key, shape } of targetTensors("lora", combined)) tensors.set(key, { shape, values: part === "a" ? a : b });
  }
  const head = await headSource(sources, options.head);
  const own = head.manifest.tensors.filter(({ role }) => role === "head");
  for (const { key, shape } of own) tensors.set(key, { shape, values: await head.values(key) });
  const { base } = first.manifest;
  return {
    tensors,
    manifest: {
      formatVersion: 1,
      method: { name: "lora" },
      task: head.manifest.task,
      base,
      targets,
      tensors: own,
      writer,
      combination: {
        method: how,
        ...(options.rank === undefined ? {} : { rank: options.rank }),
        ...(options.density === undefined ? {} : { density }),
        ...(how.includes("ties") ? { majority } : {}),
        ...(how.includes("dare") ? { seed } : {}),
        parents: sources.map(({ manifest: { name, version }, digest, weight }) => ({
          ...(name === undefined || version === undefined ? {} : { name, version }),
          digest,
          weight,
        })),
      },
    },
  };
}

interface Pair {
  readonly rank: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** A source's pair on a target. */
interface SourcePair extends Pair {
  readonly target: Target;
  readonly weight: number;
}

async function combineTarget(
  sources: readonly CombineSource[],
  { target, settings, options }: { target: Target; settings: CombineSettings; options: CombineOptions },
): Promise<Pair> {
  const pairs: SourcePair[] = [];
  for (const { manifest, weight, values } of sources) {
    const own = manifest.targets.find(({ module }) => module === target.module);
    if (own === undefined) continue;
    if (own.digest !== target.digest)
      throw refused(`"${target.module}" is of other weights in one of them`, "Combine adapters of one base");
    const read = Object.fromEntries(
      await Promise.all(targetTensors("lora", own).map(async ({ part, key }) => [part, await values(key)] as const)),
    );
    pairs.push({ target: own, rank: own.rank ?? 0, a: read["a"] ?? new Float32Array(), b: read["b"] ?? new Float32Array(), weight });
  }
  const { how } = options;
  if (how === "cat") return concatenated(pairs, target);
  if (how === "svd" || how.endsWith("_svd")) {
    const rank = Math.min(options.rank ?? Math.max(...pairs.map((pair) => pair.rank)), target.in, target.out);
    return fromDelta(pairs, { target, rank, name: how === "svd" ? "linear" : (how.slice(0, -4) as CombinationName), settings });
  }
  return pairwise(pairs, { name: how as CombinationName, settings });
}

/** The ranks side by side: exact. Weights and scales go into A. */
function concatenated(pairs: readonly SourcePair[], target: Target): Pair {
  const rank = pairs.reduce((sum, pair) => sum + pair.rank, 0);
  if (rank > Math.min(target.in, target.out))
    throw refused(`side by side their rank on "${target.module}" is ${rank}, more than its matrix has`, "Take svd with a smaller rank");
  const a = new Float32Array(rank * target.in);
  const b = new Float32Array(target.out * rank);
  let start = 0;
  for (const pair of pairs) {
    const factor = pair.weight * (pair.target.scale ?? 1);
    a.set(
      pair.a.map((value) => value * factor),
      start * target.in,
    );
    for (let row = 0; row < target.out; row++) b.set(pair.b.subarray(row * pair.rank, (row + 1) * pair.rank), row * rank + start);
    start += pair.rank;
  }
  return { rank, a, b };
}

/** A of all and B of all, each with the root of weight times scale; a negative sign goes into A alone. */
function pairwise(pairs: readonly SourcePair[], { name, settings }: { name: CombinationName; settings: CombineSettings }): Pair {
  const factors = pairs.map(({ weight, target }) => weight * (target.scale ?? 1));
  const roots = factors.map((factor) => Math.sqrt(Math.abs(factor)));
  const combine = COMBINATIONS[name];
  return {
    rank: pairs[0]?.rank ?? 0,
    a: combine(
      { values: pairs.map(({ a }) => a), weights: roots.map((root, index) => ((factors[index] ?? 0) < 0 ? -root : root)) },
      { ...settings, name: `a ${settings.name}` },
    ),
    b: combine({ values: pairs.map(({ b }) => b), weights: roots }, { ...settings, name: `b ${settings.name}` }),
  };
}

/** Combines whole deltas, and makes the best pair of that rank of the result. */
function fromDelta(
  pairs: readonly SourcePair[],
  { target, rank, name, settings }: { target: Target; rank: number; name: CombinationName; settings: CombineSettings },
): Pair {
  const deltas = pairs.map(({ target: own, a, b }) => lora.delta?.(own as MergeTarget, { a, b }) ?? new Float32Array());
  const values = COMBINATIONS[name]({ values: deltas, weights: pairs.map(({ weight }) => weight) }, settings);
  const matrix = { values, rows: target.out, columns: target.in };
  if (name === "linear" || Math.min(target.out, target.in) > WHOLE) return { rank, ...principalPair(matrix, { rank, scale: 1 }) };
  const { left, right, values: strengths, count } = singularValues(matrix);
  const [a, b] = [new Float32Array(rank * target.in), new Float32Array(target.out * rank)];
  for (let inner = 0; inner < rank; inner++) {
    const root = Math.sqrt(strengths[inner] ?? 0);
    for (let column = 0; column < target.in; column++) a[inner * target.in + column] = root * (right[column * count + inner] as number);
    for (let row = 0; row < target.out; row++) b[row * rank + inner] = root * (left[row * count + inner] as number);
  }
  return { rank, a, b };
}

function check(sources: readonly CombineSource[], { how, density, rank }: CombineOptions): void {
  if (!COMBINE_HOW.includes(how)) throw refused(`"${how}" is no way to`, `Choose one of ${COMBINE_HOW.join(", ")}`);
  if (density !== undefined && !(density > 0 && density <= 1)) throw refused(`the density is ${density}`, "Take one above 0, at most 1");
  if (rank !== undefined && (!Number.isSafeInteger(rank) || rank < 1))
    throw refused(`the rank is ${rank}`, "Take a whole number of at least 1");
  for (const { manifest, weight } of sources) {
    const called = manifest.name ?? "one of them";
    if (!Number.isFinite(weight)) throw refused(`the weight of "${called}" is ${weight}`, "Take a number");
    if (manifest.method.name !== "lora") throw refused(`"${called}" is trained by "${manifest.method.name}"`, "Combine adapters by lora");
    if (manifest.base.fingerprint !== sources[0]?.manifest.base.fingerprint)
      throw refused(`"${called}" is for another base than the first`, "Combine adapters of one base");
    if (manifest.tensors.some(({ role }) => role !== "head"))
      throw refused(`"${called}" has whole tensors beside its head`, "Train it without");
  }
  const ranks = new Set(sources.flatMap(({ manifest }) => manifest.targets.map((target) => target.rank)));
  if (ranks.size > 1 && how !== "cat" && how !== "svd" && !how.endsWith("_svd"))
    throw refused(`their ranks are ${[...ranks].join(" and ")}, and "${how}" adds up tensors of one size`, `Take cat, svd or ${how}_svd`);
}

/** Whose head is taken: the one that is chosen, or all that are equal. */
async function headSource(sources: readonly CombineSource[], chosen: number | undefined): Promise<CombineSource> {
  if (chosen !== undefined) {
    const source = sources[chosen];
    if (source === undefined) throw refused(`there is no adapter ${chosen + 1} whose head could be taken`, `Take 1 to ${sources.length}`);
    return source;
  }
  const heads = await Promise.all(sources.map(headOf));
  const withHead = sources.filter((_, index) => heads[index] !== "");
  if (new Set(heads.filter((head) => head !== "")).size <= 1) return withHead[0] ?? (sources[0] as CombineSource);
  throw refused("their heads differ, and a sum of heads answers nobody's question", "Say whose head is taken");
}

async function headOf({ manifest: { task, tensors }, values }: CombineSource): Promise<string> {
  const own = tensors.filter(({ role }) => role === "head");
  if (own.length === 0) return "";
  return JSON.stringify([task, ...(await Promise.all(own.map(async ({ key }) => [key, [...(await values(key))]])))]);
}

function refused(why: string, hint: string): GraftError {
  return new GraftError("USAGE", `Cannot combine the adapters: ${why}`, { hint });
}
