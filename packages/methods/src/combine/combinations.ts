import { uniformStream } from "../random.ts";

/** The same tensor of several adapters, and how much each counts. */
interface WeightedTensors {
  readonly values: readonly Float32Array[];
  readonly weights: readonly number[];
}

/** What a way of combining takes beside weights. */
export interface CombineSettings {
  /** Share of a tensor's numbers that are kept, 0 to 1. */
  readonly density: number;
  /** Whether the sign of the sum decides, or what most have. */
  readonly majority: "total" | "frequency";
  /** Of the random choice of what is kept. */
  readonly seed: number;
  /** Which tensor it is: the choice depends on it and the seed alone. */
  readonly name: string;
}

type Combination = (tensors: WeightedTensors, settings: CombineSettings) => Float32Array;

/** Ways to make one tensor of several, as PEFT's `add_weighted_adapter` has them; each also works on whole deltas, from which a pair is then made. */
export const COMBINATIONS = {
  linear: (tensors) => weightedSum(tensors),
  /** TIES (Yadav et al. 2023): keep the largest, elect a sign, average what agrees with it. */
  ties: ({ values, weights }, settings) => disjointMean({ values: values.map((one) => largest(one, settings.density)), weights }, settings),
  /** DARE (Yu et al. 2023): drop at random and scale up what is left. */
  dare_linear: ({ values, weights }, settings) => weightedSum({ values: dropped(values, settings), weights }),
  dare_ties: ({ values, weights }, settings) => disjointMean({ values: dropped(values, settings), weights }, settings),
  magnitude_prune: ({ values, weights }, settings) => weightedSum({ values: values.map((one) => largest(one, settings.density)), weights }),
} satisfies Readonly<Record<string, Combination>>;

/** A row of COMBINATIONS. */
export type CombinationName = keyof typeof COMBINATIONS;

function weightedSum({ values, weights }: WeightedTensors): Float32Array {
  const result = new Float32Array(values[0]?.length ?? 0);
  for (const [which, one] of values.entries()) {
    const weight = weights[which] ?? 0;
    for (let index = 0; index < result.length; index++) result[index] = (result[index] as number) + weight * (one[index] as number);
  }
  return result;
}

/** The share of the numbers with the largest magnitudes; the others are zero. */
function largest(values: Float32Array, density: number): Float32Array {
  if (density >= 1) return values;
  const count = Math.floor(density * values.length);
  const order = Uint32Array.from(values.keys()).sort((one, other) => Math.abs(values[other] as number) - Math.abs(values[one] as number));
  const result = new Float32Array(values.length);
  for (const index of order.subarray(0, count)) result[index] = values[index] as number;
  return result;
}

function dropped(values: readonly Float32Array[], { density, seed, name }: CombineSettings): Float32Array[] {
  if (density >= 1) return [...values];
  return values.map((one, which) => {
    const kept = keptAtRandom(one.length, { density, seed, name: `${which} ${name}` });
    return one.map((value, index) => (kept[index] === 1 ? value / density : 0));
  });
}

/** Which numbers of a tensor are kept: 1 with the probability `density`. */
export function keptAtRandom(count: number, { density, seed, name }: Pick<CombineSettings, "density" | "seed" | "name">): Uint8Array {
  const uniform = uniformStream(seed, `dare ${name}`);
  return Uint8Array.from({ length: count }, () => (uniform() < density ? 1 : 0));
}

/** For each number the weighted mean of those whose sign is the elected one. */
function disjointMean({ values, weights }: WeightedTensors, { majority }: CombineSettings): Float32Array {
  return Float32Array.from({ length: values[0]?.length ?? 0 }, (_, index) => {
    const own = values.map((one) => one[index] as number);
    const elected = own.reduce((sum, value) => sum + (majority === "total" ? value : Math.sign(value)), 0) >= 0 ? 1 : -1;
    let [sum, count] = [0, 0];
    for (const [which, value] of own.entries()) {
      if (Math.sign(value) !== elected) continue;
      sum += value * (weights[which] ?? 0);
      count++;
    }
    return sum / Math.max(1, count);
  });
}
