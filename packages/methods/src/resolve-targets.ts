import { GraftError } from "@graft/error";
import { closest } from "./closest.ts";
import { conventionsOf } from "./families.ts";
import { modulePattern } from "./module-pattern.ts";

/** What resolution looks at of a matrix. */
export interface Candidate {
  readonly module: string;
  readonly operator: string;
  /** Empty where the operator does not read one plain value. */
  readonly input: string;
}

/** Which matrices are meant. */
export interface TargetSelection {
  /** Presets (`attention`, `all-linear`), ends of module paths, globs. */
  readonly targets: string | readonly string[];
  readonly exclude?: string | readonly string[] | undefined;
  readonly family?: string | undefined;
}

/** Operators that multiply with a matrix: what presets mean. */
const LINEAR: ReadonlySet<string> = new Set(["MatMul", "Gemm", "MatMulNBits", "MatMulBnb4"]);

/** Tables of embeddings and convolutions are targets where they are named. */
const ADAPTABLE: ReadonlySet<string> = new Set([...LINEAR, "Gather", "Conv"]);

/** Modules after the encoder, which a task replaces: not part of `all-linear`. */
const TASK_MODULES = /(?:^|\.)(?:pooler|classifier|score|cls|lm_head|qa_outputs|pre_classifier|vocab_projector|vocab_transform)(?:\.|$)/;

/** The matrices that are meant, in the order of the graph. TARGET_NOT_FOUND names each pattern that matches none, and what it could have been. */
export function resolveTargets<T extends Candidate>(matrices: readonly T[], selection: TargetSelection): T[] {
  // A language head that is the table of word embeddings stands under the table's name, and the name means the table.
  const tables = new Set(matrices.filter(({ operator }) => operator === "Gather").map(({ module }) => module));
  const adaptable = matrices.filter(
    ({ module, operator, input }) => ADAPTABLE.has(operator) && input !== "" && !(LINEAR.has(operator) && tables.has(module)),
  );
  const wanted = new Set(list(selection.targets).flatMap((pattern) => matching(adaptable, pattern, selection.family)));
  for (const matrix of list(selection.exclude ?? []).flatMap((pattern) => matching(adaptable, pattern, selection.family)))
    wanted.delete(matrix);
  if (wanted.size === 0) throw notFound(adaptable, list(selection.targets).join(", "), "nothing is left");
  return adaptable.filter((matrix) => wanted.has(matrix));
}

function matching<T extends Candidate>(matrices: readonly T[], pattern: string, family: string | undefined): T[] {
  if (pattern === "all-linear") return matrices.filter(({ module, operator }) => LINEAR.has(operator) && !TASK_MODULES.test(module));
  const patterns = pattern === "attention" ? conventionsOf(family).attention : [pattern];
  const matches = patterns.map(modulePattern);
  const { prefix } = conventionsOf(family);
  const found = matrices.filter(({ module }) => matches.some((test) => test(module) || test(`${prefix}.${module}`)));
  if (found.length === 0) throw notFound(matrices, pattern, "it matches no matrix of the base");
  return found;
}

function notFound(matrices: readonly Candidate[], pattern: string, why: string): GraftError {
  const endings = matrices.map(({ module }) => module.split(".").at(-1) ?? module);
  // The same module of every layer is listed once.
  const shapes = [...new Set(matrices.map(({ module }) => module.replaceAll(/(^|\.)\d+(?=\.|$)/g, "$1*")))];
  const near = closest(pattern.split(".").at(-1) ?? pattern, endings);
  const guess = near.length === 0 ? "" : `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}? `;
  return new GraftError("TARGET_NOT_FOUND", `Cannot find the target "${pattern}": ${why}`, {
    hint: `${guess}The base has ${shapes.slice(0, 12).join(", ")}${shapes.length > 12 ? ", …" : ""}; presets are "attention" and "all-linear"`,
    detail: { pattern, closest: near, modules: shapes },
  });
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
