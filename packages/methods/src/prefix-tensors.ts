import { GraftError } from "@graft/error";
import { type AddedInputs, addedTensor } from "./added.ts";
import type { Inserted } from "./inserted-positions.ts";
import type { InsertedPositions } from "./options/prefix.ts";
import { sameModule } from "./match-targets.ts";
import type { PreparedBase } from "./method.ts";
import type { Plan, Trainable } from "./plan.ts";

const DEFAULTS = { prefix: 2, infix: 0, deviation: 0.02 } as const;

/** The parts of what is inserted, in the order of their rows. */
const PARTS = ["prefix", "infix"] as const;

/** Sizes by a method's options, or by what a manifest says of it. USAGE. */
export function insertedSizes(options: Readonly<Partial<Record<keyof InsertedPositions, unknown>>>): Inserted {
  const { prefix = DEFAULTS.prefix, infix = DEFAULTS.infix } = options;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isCount(prefix) || !isCount(infix) || prefix + infix === 0)
    throw new GraftError(
      "USAGE",
      `Cannot insert ${String(prefix)} and ${String(infix)} positions: want whole numbers, and at least one in all`,
      {
        hint: "Take a prefix of 2",
      },
    );
  return { prefix, infix };
}

/** What the manifest says of the options. */
export function insertedReference({ deviation, ...sizes }: InsertedPositions): Inserted & {
  readonly initialisation: "words" | "gaussian";
  readonly deviation?: number;
} {
  return {
    ...insertedSizes(sizes),
    ...(deviation === undefined ? { initialisation: "words" } : { initialisation: "gaussian", deviation }),
  };
}

/** Trained rows of one place: `<module>.prefix.weight` [prefix, width] and `<module>.infix.weight` [infix, width]. */
export function insertedRows(module: string, sizes: Inserted & { width: number; options: InsertedPositions }): Trainable[] {
  const init = { kind: "gaussian", deviation: sizes.options.deviation ?? DEFAULTS.deviation } as const;
  return PARTS.flatMap((part) =>
    sizes[part] === 0 ? [] : [addedTensor(`${module}.${part}`, "weight", { shape: [sizes[part], sizes.width], init })],
  );
}

/** Where rows stand: the module that they are called by, and the base's value that they take the place of. */
export interface InsertedPlace {
  readonly module: string;
  readonly value: string;
}

/**
 * Lets inserted rows start as what the base computes for real words (Li and Liang 2021, §4.3), spread over those that are learnt from;
 * at random where nothing can be run, or where that was asked for.
 */
export async function startFromWords(plan: Plan, places: readonly InsertedPlace[], { observe, hiddenSize }: PreparedBase): Promise<Plan> {
  if (observe === undefined || plan.method["initialisation"] !== "words") return plan;
  const seen = await observe(places.map(({ value }) => value));
  const { prefix, infix } = insertedSizes(plan.method as Readonly<Record<string, unknown>>);
  const trainables = plan.trainables.map((one): Trainable => {
    const place = places.find(({ module }) => PARTS.some((part) => sameModule(one.module, `${module}.${part}`)));
    const values = seen.get(place?.value ?? "");
    if (one.role !== "added" || values === undefined) return one;
    const words = values.length / hiddenSize;
    const first = one.module.endsWith(".infix") ? prefix : 0;
    const rows = new Float32Array((one.shape[0] ?? 0) * hiddenSize);
    for (let row = 0; row * hiddenSize < rows.length; row++) {
      const word = Math.floor(((first + row + 0.5) * words) / (prefix + infix));
      rows.set(values.subarray(word * hiddenSize, (word + 1) * hiddenSize), row * hiddenSize);
    }
    return { ...one, init: { kind: "values", values: rows } };
  });
  return { ...plan, trainables };
}

/** The rows of one place as one value [prefix + infix, width]. ADAPTER_INVALID where they are not there, or not so many. */
export function trainedRows(inputs: AddedInputs, module: string, sizes: Inserted): string {
  const wanted = PARTS.filter((part) => sizes[part] > 0);
  const parts = wanted.map((part) => {
    const found = inputs.find(`${module}.${part}`);
    if (found !== undefined && found.shape.length === 2 && found.shape[0] === sizes[part]) return found.input;
    const has = found === undefined ? "none" : `[${found.shape.join(", ")}]`;
    throw new GraftError(
      "ADAPTER_INVALID",
      `Cannot insert positions: the trained rows of "${module}.${part}" are ${has}, want ${sizes[part]}`,
      {
        hint: "Use the base named in the manifest",
      },
    );
  });
  return parts.length > 1 ? inputs.builder.op("Concat", parts, { name: `/${module}/Concat`, attributes: { axis: 0 } }) : (parts[0] ?? "");
}
