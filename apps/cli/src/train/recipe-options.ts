import type { ArgsDef } from "citty";
import type { MethodOptions } from "@graft/methods";
import { type Recipe, recipeNamed } from "@graft/train";
import type { TrainFileOptions } from "@graft/train/node";

/** Options of what the LoRA paper trained with. */
export const RECIPE_ARGS = {
  recipe: {
    type: "string",
    description: "The LoRA paper's settings for a model and a task; options given beside it win",
    valueHint: "model/task",
  },
} as const satisfies ArgsDef;

/** The recipe that the line names. USAGE. */
export function recipeOf(args: { readonly recipe?: string | undefined }): Recipe | undefined {
  return args.recipe === undefined ? undefined : recipeNamed(args.recipe);
}

type Options = Omit<TrainFileOptions, "base" | "output" | "signal">;

/** Options as the line gives them, and where it is silent as the recipe has them; with what the recipe decided, for people. */
export function withRecipe(
  options: Options,
  { recipe, given }: { readonly recipe: Recipe; readonly given: ReadonlySet<string> },
): { readonly options: Options; readonly said: readonly string[] } {
  const numbers = Object.entries(recipe.hyperparameters).filter(([name]) => !given.has(kebab(name)));
  const method = mergeMethod(options.method, recipe.method);
  const settings = {
    ...(given.has("task") ? {} : { task: recipe.task }),
    ...(given.has("metrics") ? {} : { metrics: recipe.metrics }),
    ...Object.fromEntries(numbers),
  };
  const { name, ...rest } = method as MethodOptions & Readonly<Record<string, unknown>>;
  const { generation } = recipe;
  const said = [
    ...Object.entries({ ...settings, method: name, ...rest }).map(([key, value]) => `${kebab(key)} ${String(value)}`),
    ...(generation === undefined
      ? []
      : [`for generate: beams ${generation.beams}, length penalty ${generation.lengthPenalty}, no repeated ${generation.noRepeat}-grams`]),
  ];
  return { options: { ...options, ...settings, method }, said };
}

/** Another method than the recipe's is the line's alone. */
function mergeMethod(own: MethodOptions, recipe: MethodOptions): MethodOptions {
  return own.name === recipe.name ? ({ ...recipe, ...own } as MethodOptions) : own;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
