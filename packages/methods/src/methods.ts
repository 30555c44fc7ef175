import type { Method } from "./method.ts";
import { bitfit } from "./methods/bitfit.ts";
import { bottleneck } from "./methods/bottleneck.ts";
import { dora } from "./methods/dora.ts";
import { full } from "./methods/full.ts";
import { head } from "./methods/head.ts";
import { ia3 } from "./methods/ia3.ts";
import { lastLayers } from "./methods/last-layers.ts";
import { lora } from "./methods/lora.ts";
import { prefixEmbedding } from "./methods/prefix-embedding.ts";
import { prefixLayer } from "./methods/prefix-layer.ts";
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
  "prefix-embedding": prefixEmbedding,
  "prefix-layer": prefixLayer,
  bottleneck,
};

/** The method of some options, or of a manifest's name; undefined for one that this version does not know. */
export function methodNamed(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? (METHODS[name as MethodName] as Method) : undefined;
}

/** Positions of each row that a method takes for itself, by its options or by what a manifest says of it. */
export function positionsOf(method: { readonly name: string }): number {
  return methodNamed(method.name)?.positions?.({ ...method }) ?? 0;
}
