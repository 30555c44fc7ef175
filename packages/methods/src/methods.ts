import type { Method } from "./method.ts";
import { full } from "./methods/full.ts";
import { head } from "./methods/head.ts";
import { lora } from "./methods/lora.ts";
import type { MethodName, MethodOptions } from "./options.ts";

/** Every method by name. */
export const METHODS: { readonly [Name in MethodName]: Method<Extract<MethodOptions, { readonly name: Name }>> } = { lora, full, head };

/** The method of some options, or of a manifest's name; undefined for one that this version does not know. */
export function methodNamed(name: string): Method | undefined {
  return Object.hasOwn(METHODS, name) ? (METHODS[name as MethodName] as Method) : undefined;
}
