import { GraftError } from "@graft/error";
import { type Config, unsupported } from "./config.ts";
import type { Family } from "./family.ts";
import { bert } from "./families/bert.ts";
import { debertaV2 } from "./families/deberta-v2.ts";
import { distilbert } from "./families/distilbert.ts";
import { gpt2 } from "./families/gpt2.ts";
import { LLAMA_KIN } from "./families/llama.ts";
import { roberta } from "./families/roberta.ts";
import { vit } from "./families/vit.ts";

/** Every family whose checkpoints become graphs, by name. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  bert,
  "deberta-v2": debertaV2,
  distilbert,
  gpt2,
  roberta,
  vit,
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
  const quantised = config["quantization_config"];
  if (quantised !== undefined && quantised !== null) throw unsupported("quantization_config", quantised, "none: float weights");
  return family;
}
