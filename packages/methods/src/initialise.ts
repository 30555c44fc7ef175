import { floatValues, type TensorProto, type Weights } from "@graft/onnx";
import { transposed } from "./transposed.ts";
import { rowNorms } from "./row-norms.ts";
import type { Init, Plan, Trainable } from "./plan.ts";
import { fillGaussian, fillUniform, uniformStream } from "./random.ts";

/** Starting values of every trainable by key, float32; the same plan and seed give the same bits. */
export async function initialise(
  plan: Pick<Plan, "trainables">,
  options: { readonly seed: number; readonly weights: Weights },
): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const trainable of plan.trainables) values.set(trainable.key, await start(trainable, options));
  return values;
}

async function start({ key, shape, init }: Trainable, { seed, weights }: { seed: number; weights: Weights }): Promise<Float32Array> {
  if (init.kind === "base") return baseValues(init, weights);
  if (init.kind === "values") return init.values.slice();
  if (init.kind === "norms") return norms(init, weights);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (init.kind === "ones") values.fill(1);
  else if (init.kind === "gaussian") fillGaussian(values, uniformStream(seed, key), init.deviation);
  else if (init.kind === "kaiming") fillUniform(values, uniformStream(seed, key), 1 / Math.sqrt(init.fanIn));
  return values;
}

async function baseValues(init: { tensor: TensorProto; transposed: boolean }, weights: Weights): Promise<Float32Array> {
  const stored = await floatValues(init.tensor, weights);
  if (!init.transposed) return Float32Array.from(stored);
  const [rows, columns] = init.tensor.dims.map(Number) as [number, number];
  return transposed(stored, { rows, columns });
}

async function norms({ tensor, orientation }: Extract<Init, { kind: "norms" }>, weights: Weights): Promise<Float32Array> {
  const stored = await floatValues(tensor, weights);
  const [first = 1, ...others] = tensor.dims.map(Number);
  const rest = others.reduce((product, size) => product * size, 1);
  return orientation === "out_in"
    ? rowNorms(stored, { rows: first, columns: rest })
    : rowNorms(transposed(stored, { rows: first, columns: rest }), { rows: rest, columns: first });
}
