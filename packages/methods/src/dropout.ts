import type { GraphBuilder } from "@graft/onnx";
import { floatTensor } from "@graft/onnx";
import type { Plan } from "./plan.ts";
import { uniformStream } from "./random.ts";

/** Input of a training graph with dropout: int64 [2 · branches], which masks each branch takes. */
export const DROPOUT_DRAWS = "dropout_draws";

/** Masks are pieced together from so many rows of so many elements: a prime, so that every stride passes through all of them. */
const ROWS = 4093;
const WIDTH = 64;

/**
 * Adds dropout to branches of a training graph: elements are left out with probability `rate`, the others scaled by 1 / (1 − rate).
 * A mask is a constant table's rows in an order that two numbers of DROPOUT_DRAWS give, start and stride: a look-up, with no
 * random state in the graph, so that the same numbers give the same bits on any device and in a run that is resumed.
 */
export function addDropout(builder: GraphBuilder, rate: number): (value: string, name: string) => string {
  const uniform = uniformStream(0, "dropout masks");
  const kept = Float32Array.from({ length: ROWS * WIDTH }, () => (uniform() < rate ? 0 : 1 / (1 - rate)));
  const table = builder.initializer(floatTensor(builder.unique("dropout_masks"), [ROWS, WIDTH], kept));
  const draws = builder.input(DROPOUT_DRAWS, "int64", ["draws"]);
  let branch = 0;
  return (value, name) => {
    const op = (type: string, inputs: readonly string[]): string => builder.op(type, inputs, { name: `${name}/${type}` });
    const drawn = (index: number): string => op("Gather", [draws, builder.int(index)]);
    const [start, stride] = [drawn(2 * branch), drawn(2 * branch + 1)];
    branch++;
    const size = op("Size", [value]);
    const rows = op("Div", [op("Add", [size, builder.int(WIDTH - 1)]), builder.int(WIDTH)]);
    const places = op("Add", [op("Mul", [op("Range", [builder.int(0), rows, builder.int(1)]), stride]), start]);
    const masks = op("Gather", [table, op("Mod", [places, builder.int(ROWS)])]);
    const flat = op("Slice", [op("Reshape", [masks, builder.int([-1])]), builder.int([0]), op("Reshape", [size, builder.int([1])])]);
    return op("Mul", [value, op("Reshape", [flat, op("Shape", [value])])]);
  };
}

/** Values of DROPOUT_DRAWS for one pass over the graph; undefined for a plan without dropout. They follow from seed and pass alone. */
export function dropoutDraws(
  plan: Pick<Plan, "targets" | "dropout">,
  { seed, pass }: { readonly seed: number; readonly pass: string },
): BigInt64Array | undefined {
  if (plan.dropout === undefined) return undefined;
  const branches = plan.targets.reduce((sum, { kind, sites }) => sum + (kind === "embedding" ? 0 : sites.length), 0);
  const uniform = uniformStream(seed, `dropout ${pass}`);
  return BigInt64Array.from({ length: 2 * branches }, (_, index) =>
    BigInt(index % 2 === 0 ? Math.floor(uniform() * ROWS) : 1 + Math.floor(uniform() * (ROWS - 1))),
  );
}
