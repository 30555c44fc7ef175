import { GraftError } from "@graft/error";
import { adapterInvalid } from "../check-tensors.ts";
import { LIMITS } from "../limits.ts";
import type { Target } from "../manifest.ts";
import type { Adapter } from "../open-adapter.ts";
import { DELTA_RATIOS } from "./delta-ratios.ts";

/** What a registry knows of one matrix of a base; `norm` is its Frobenius norm. */
export interface RecordedMatrix {
  readonly module: string;
  readonly digest: string;
  readonly rows: number;
  readonly columns: number;
  readonly norm: number;
}

/** What a registry knows of a base, as far as adapters are checked against it: never its bytes. */
export interface RecordedBase {
  readonly name: string;
  readonly fingerprint: string;
  readonly matrices: readonly RecordedMatrix[];
}

/** ‖ΔW‖ / ‖W‖ of one target. */
export interface TargetDelta {
  readonly module: string;
  readonly ratio: number;
  readonly isExact: boolean;
}

/** How many faults an error lists. */
const LISTED = 20;

/** How far a scale may be from alpha / rank or alpha / √rank: the last digits of other writers' float32. */
const SCALE_TOLERANCE = 1e-6;

/**
 * Checks an opened adapter against the record of its base: every target is there with its shape, every scale follows from alpha
 * and rank, no delta is zero or beyond the bounds of its matrix. Gives the size of every delta. BASE_MISMATCH, ADAPTER_INVALID.
 */
export async function validateAdapter(adapter: Pick<Adapter, "manifest" | "pieces">, base: RecordedBase): Promise<TargetDelta[]> {
  const { targets, method } = adapter.manifest;
  const matrices = new Map(base.matrices.map((matrix) => [matrix.digest, matrix]));
  refuseMisfits(targets, { base, matrices });
  refuseScales(targets);
  const measure = Object.hasOwn(DELTA_RATIOS, method.name) ? DELTA_RATIOS[method.name] : undefined;
  if (measure === undefined) return [];
  const deltas: TargetDelta[] = [];
  for (const target of targets) {
    const norm = matrices.get(target.digest)?.norm ?? 0;
    deltas.push({ module: target.module, ...(await measure({ adapter, target, norm })) });
  }
  refuseDeltas(deltas);
  return deltas;
}

function refuseMisfits(
  targets: readonly Target[],
  { base, matrices }: { base: RecordedBase; matrices: ReadonlyMap<string, RecordedMatrix> },
): void {
  const faults: { module: string; why: string }[] = [];
  for (const target of targets) {
    const matrix = matrices.get(target.digest);
    if (matrix === undefined) faults.push({ module: target.module, why: "the base has no matrix with these weights" });
    // A matrix has one digest in both orientations, so either may stand in the record.
    else if (!sameShape([target.out, target.in], [matrix.rows, matrix.columns]))
      faults.push({ module: target.module, why: `it is ${target.out} × ${target.in}, in the base ${matrix.rows} × ${matrix.columns}` });
  }
  const [first] = faults;
  if (first === undefined) return;
  throw new GraftError(
    "BASE_MISMATCH",
    `Cannot publish: ${faults.length} of ${targets.length} targets do not fit "${base.name}": ${first.module}: ${first.why}`,
    { hint: "Name the base that the adapter was trained on", detail: { base: base.fingerprint, targets: faults.slice(0, LISTED) } },
  );
}

function sameShape(left: readonly [number, number], right: readonly [number, number]): boolean {
  return Math.min(...left) === Math.min(...right) && Math.max(...left) === Math.max(...right);
}

function refuseScales(targets: readonly Target[]): void {
  const faults = targets.flatMap(({ module, rank, alpha, scale }) => {
    if (rank === undefined || alpha === undefined || scale === undefined) return [];
    const follows = [alpha / rank, alpha / Math.sqrt(rank)].some(
      (wanted) => Math.abs(scale - wanted) <= SCALE_TOLERANCE * Math.abs(wanted),
    );
    return follows ? [] : [{ module, why: `its scale is ${scale}, want alpha / rank = ${alpha / rank} or alpha / √rank` }];
  });
  refuse("wrong-scale", "has a scale that does not follow from its alpha and rank", faults);
}

function refuseDeltas(deltas: readonly TargetDelta[]): void {
  const { least, most } = LIMITS.deltaRatio;
  const described = (wanted: (ratio: number) => boolean): { module: string; why: string }[] =>
    deltas.flatMap(({ module, ratio }) =>
      wanted(ratio) ? [{ module, why: `its delta has ${ratio.toExponential(2)} times the norm of its matrix` }] : [],
    );
  refuse(
    "zero-delta",
    "changes nothing",
    described((ratio) => ratio < least),
  );
  refuse(
    "delta-out-of-bounds",
    `drowns its matrix: want a delta of at most ${most} times its norm`,
    described((ratio) => !(ratio <= most)),
  );
}

function refuse(
  reason: "wrong-scale" | "zero-delta" | "delta-out-of-bounds",
  what: string,
  faults: readonly { readonly module: string; readonly why: string }[],
): void {
  const [first] = faults;
  if (first === undefined) return;
  const more = faults.length === 1 ? "" : `, and so ${faults.length === 2 ? "does another" : `do ${faults.length - 1} others`}`;
  throw adapterInvalid(reason, `the target "${first.module}" ${what}: ${first.why}${more}`, { targets: faults.slice(0, LISTED) });
}
