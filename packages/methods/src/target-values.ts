import { type Manifest, targetTensors } from "@graft/format";
import { floatValues, type Matrix, type Weights } from "@graft/onnx";
import type { TargetValues } from "./method.ts";
import { transposed } from "./transposed.ts";

/** Values of a target's tensors by what they are for, as an adapter holds them. */
export async function targetValues(
  manifest: Pick<Manifest, "method">,
  target: Manifest["targets"][number],
  values: (key: string) => Promise<Float32Array>,
): Promise<TargetValues> {
  const parts = targetTensors(manifest.method.name, target).map(async ({ part, key }) => [part, await values(key)] as const);
  return Object.fromEntries(await Promise.all(parts));
}

/** A matrix's values as [out, in], whichever way the base stores it. */
export async function targetWeight(matrix: Pick<Matrix, "tensor" | "orientation" | "in" | "out">, weights: Weights): Promise<Float32Array> {
  const stored = await floatValues(matrix.tensor, weights);
  return matrix.orientation === "out_in" ? stored : transposed(stored, { rows: matrix.in, columns: matrix.out });
}
