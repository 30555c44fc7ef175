import { GraftError } from "@graft/error";
import { type Config, unsupported } from "./config.ts";
import type { Family } from "./family.ts";
import { bert } from "./families/bert.ts";
import { gpt2 } from "./families/gpt2.ts";
import { LLAMA_KIN } from "./families/llama.ts";

/** Every family whose checkpoints become graphs, by name. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  bert,
  gpt2,
  ...Object.fromEntries(LLAMA_KIN.map((family) => [family.name, family])),
};

/** The family of a config.json. ARCHITECTURE_UNSUPPORTED when none reads it. */
export function findFamily(config: Config): Family {
  const type = config["model_type"];
  if (type === undefined) {
    throw new GraftError("ARCHITECTURE_UNSUPPORTED", "Cannot build the checkpoint: config.json has no model_type", {
      hint: "Check that this is the config.json of a model",
    });
  }
  const family = Object.values(FAMILIES).find(({ modelTypes }) => modelTypes.some((name) => name === type));
  if (family === undefined)
    throw unsupported(
      "model_type",
      type,
      `one of ${Object.values(FAMILIES)
        .flatMap(({ modelTypes }) => modelTypes)
        .join(", ")}`,
    );
  return family;
}
