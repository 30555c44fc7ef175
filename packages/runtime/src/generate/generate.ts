import { beamSearch } from "./beam-search.ts";
import { Decoder, type DecoderSession } from "./decoder.ts";
import { oneByOne } from "./one-by-one.ts";
import { type Generated, type GenerateOptions, generateSettings } from "./settings.ts";

/** Generates what comes after each prompt, all in one batch, as `generate` of `transformers` does. USAGE, CANCELLED. */
export async function generate(
  model: DecoderSession,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions = {},
): Promise<Generated[]> {
  const settings = generateSettings(options);
  if (prompts.length === 0) return [];
  const decoder = new Decoder(model);
  return settings.beams > 1 ? beamSearch(decoder, prompts, settings) : oneByOne(decoder, prompts, settings);
}
