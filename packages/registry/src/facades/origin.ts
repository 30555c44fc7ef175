import type { Context } from "hono";
import type { RegistryParts } from "../context.ts";

/** Where clients reach the registry: what whoever runs it says, else the address that the request came to. */
export function originOf({ settings }: Pick<RegistryParts, "settings">, context: Context): string {
  return (settings.publicUrl ?? new URL(context.req.url).origin).replace(/\/+$/, "");
}
