import type { Method } from "./method.ts";
import { bitfit } from "./methods/bitfit.ts";
import { dora } from "./methods/dora.ts";
import { full } from "./methods/full.ts";
import { head } from "./methods/head.ts";
import { ia3 } from "./methods/ia3.ts";
import { lastLayers } from "./methods/last-layers.ts";
import { lora } from "./methods/lora.ts";
import type { MethodName, MethodOptions } from "./options.ts";

/** Every method by name. */
export const METHODS: { readonly [Name in MethodName]: Method<Extract<MethodOptions, { readonly name: Name }>> } = {
  lora,
  dora,
  ia3,
  full,
  "last-layers": lastLayers,
  bitfit,
  head,
};

/** The method of some options, or of a manifest's name; undefined for one that this version does not know. */
export function methodNamed(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? (METHODS[name as MethodName] as Method) : undefined;
}
