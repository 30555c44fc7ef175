import { glueTask, type TrainFileOptions } from "@graft/train/node";
import type { Output } from "../output.ts";
import { type CheckpointArguments, checkpointOptions } from "./checkpoint-options.ts";
import { type DataArguments, dataOptions } from "./data-options.ts";
import { type LoopArguments, loopOptions } from "./loop-options.ts";
import { type MethodArguments, methodOptions } from "./method-options.ts";
import { recipeOf, withRecipe } from "./recipe-options.ts";
import { type TaskArguments, taskOptions } from "./task-options.ts";

/** What the options of `graft train` parse to, but for the base and the output. */
export interface TrainArguments extends DataArguments, TaskArguments, LoopArguments, CheckpointArguments {
  readonly recipe?: string | undefined;
}

/** Everything that training takes from the line, or where it is silent from the recipe, which is told. USAGE. */
export async function trainOptions(
  args: TrainArguments & MethodArguments,
  { given, output }: { readonly given: ReadonlySet<string>; readonly output: Output },
): Promise<Omit<TrainFileOptions, "base" | "output" | "signal">> {
  const recipe = recipeOf(args);
  // The recipe's method is meant where the line names none.
  const method = methodOptions({ ...args, method: given.has("method") || recipe === undefined ? args.method : recipe.method.name });
  const own = { ...(await dataOptions(args)), ...taskOptions(args), ...loopOptions(args), ...checkpointOptions(args), method };
  const task = given.has("task") ? undefined : await glueTask(args.data);
  const plain = task === undefined ? own : { ...own, task };
  if (recipe === undefined) return plain;
  const { options, said } = withRecipe(plain, { recipe, given });
  output.note(`Recipe ${args.recipe ?? ""}: ${said.join(", ")}`);
  for (const note of recipe.notes) output.note(`  ${note}`);
  return options;
}
