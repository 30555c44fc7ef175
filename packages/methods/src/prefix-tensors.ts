import { GraftError } from "@graft/error";
import { type AddedInputs, addedTensor } from "./added.ts";
import type { Inserted } from "./inserted-positions.ts";
import type { InsertedPositions } from "./options/prefix.ts";
import type { Trainable } from "./plan.ts";

const DEFAULTS = { prefix: 8, infix: 0, deviation: 0.02 } as const;

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
        hint: "Take a prefix of 8",
      },
    );
  return { prefix, infix };
}

/** What the manifest says of the options. */
export function insertedReference(options: InsertedPositions): Inserted & { readonly deviation: number } {
  return { ...insertedSizes(options), deviation: options.deviation ?? DEFAULTS.deviation };
}

/** Trained rows of one place: `<module>.prefix.weight` [prefix, width] and `<module>.infix.weight` [infix, width]. */
export function insertedRows(module: string, sizes: Inserted & { width: number; options: InsertedPositions }): Trainable[] {
  const init = { kind: "gaussian", deviation: sizes.options.deviation ?? DEFAULTS.deviation } as const;
  return PARTS.flatMap((part) =>
    sizes[part] === 0 ? [] : [addedTensor(`${module}.${part}`, "weight", { shape: [sizes[part], sizes.width], init })],
  );
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
