import type { Adapter } from "../open-adapter.ts";
import type { Target } from "../manifest.ts";
import { targetTensors, type TargetPart } from "../target-tensors.ts";
import { type Pieces, productNorm } from "./product-norm.ts";

/** How large a delta is beside its matrix: ‖ΔW‖ / ‖W‖ by Frobenius norms. */
export interface DeltaRatio {
  readonly ratio: number;
  /** False where it is an estimate: of large ranks, and of methods whose delta depends on every row of W. */
  readonly isExact: boolean;
}

/** A target whose delta is measured, and ‖W‖ of its matrix. */
export interface MeasuredTarget {
  readonly adapter: Pick<Adapter, "manifest" | "pieces">;
  readonly target: Target;
  readonly norm: number;
}

/** By method with targets. Nothing of the base is read but its norms. */
export const DELTA_RATIOS: Readonly<Record<string, (measured: MeasuredTarget) => Promise<DeltaRatio>>> = {
  lora: pairRatio,
  dora: async (measured) => {
    const { ratio } = await pairRatio(measured);
    // The rows of what is merged have the magnitudes as their norms, so its norm is theirs.
    const merged = Math.sqrt(await sumOf(part(measured, "magnitude"), (value) => value * value));
    return { ratio: ratio + Math.abs(merged - measured.norm) / measured.norm, isExact: false };
  },
  ia3: async (measured) => {
    let count = 0;
    const square = await sumOf(part(measured, "vector"), (value) => {
      count += 1;
      return (value - 1) ** 2;
    });
    return { ratio: Math.sqrt(square / count), isExact: false };
  },
};

async function pairRatio(measured: MeasuredTarget): Promise<DeltaRatio> {
  const { rank = 1, scale = 1, in: columns } = measured.target;
  const a = (): Pieces => part(measured, "a");
  const b = (): Pieces => part(measured, "b");
  const { norm, isExact } = await productNorm({ rank, in: columns, a, b });
  return { ratio: (Math.abs(scale) * norm) / measured.norm, isExact };
}

function part({ adapter, target }: MeasuredTarget, wanted: TargetPart): Pieces {
  const found = targetTensors(adapter.manifest.method.name, target).find((tensor) => tensor.part === wanted);
  return adapter.pieces(found?.key ?? "");
}

async function sumOf(pieces: Pieces, term: (value: number) => number): Promise<number> {
  let sum = 0;
  for await (const piece of pieces) for (const value of piece) sum += term(value);
  return sum;
}
