import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import type { StoredBase } from "@graft/storage";

/** How many faults an error lists. */
const LISTED = 20;

/** Checks that every target of an adapter is a matrix of the registered base, by digest and shape. BASE_MISMATCH. */
export function checkAgainstBase(manifest: Manifest, base: StoredBase): void {
  const matrices = new Map<string, { rows: number; columns: number }>();
  for (const { digest, rows, columns } of base.matrices) matrices.set(digest, { rows, columns });
  const faults: { module: string; why: string }[] = [];
  for (const target of manifest.targets) {
    const matrix = matrices.get(target.digest);
    if (matrix === undefined) faults.push({ module: target.module, why: "the base has no matrix with these weights" });
    // A matrix has one digest in both orientations, so either may stand in the record.
    else if (!sameShape([target.out, target.in], [matrix.rows, matrix.columns])) {
      faults.push({ module: target.module, why: `it is ${target.out} × ${target.in}, in the base ${matrix.rows} × ${matrix.columns}` });
    }
  }
  const [first] = faults;
  if (first === undefined) return;
  throw new GraftError(
    "BASE_MISMATCH",
    `Cannot publish: ${faults.length} of ${manifest.targets.length} targets do not fit "${base.name}": ${first.module}: ${first.why}`,
    {
      hint: "Name the base that the adapter was trained on",
      detail: { base: base.fingerprint, targets: faults.slice(0, LISTED) },
    },
  );
}

function sameShape(left: readonly [number, number], right: readonly [number, number]): boolean {
  return Math.min(...left) === Math.min(...right) && Math.max(...left) === Math.max(...right);
}
