import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import { GENERATION_RECIPES } from "./recipes/generation-recipes.ts";
import { GLUE_RECIPES } from "./recipes/glue-recipes.ts";
import type { Recipe } from "./recipes/recipe.ts";

export type { Recipe } from "./recipes/recipe.ts";

/** The LoRA paper's hyper-parameters by model and task, such as `roberta-base/sst2`. */
export const RECIPES: Readonly<Record<string, Recipe>> = { ...GLUE_RECIPES, ...GENERATION_RECIPES };

/** A recipe by its name. USAGE for one that there is not. */
export function recipeNamed(name: string): Recipe {
  const found = Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
  if (found !== undefined) return found;
  const models = [...new Set(Object.keys(RECIPES).map((known) => known.split("/")[0] ?? known))];
  const near = closest(name, Object.keys(RECIPES));
  throw new GraftError("USAGE", `Cannot find the recipe "${name}": there is no such recipe`, {
    hint: `${near.length === 0 ? "" : `Did you mean ${near.map((known) => `"${known}"`).join(" or ")}? `}Recipes are <model>/<task> of ${models.join(", ")}`,
  });
}
