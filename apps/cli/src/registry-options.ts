import type { ArgsDef } from "citty";
import { parseSpecifier } from "@graft/format";
import type { AdapterClient } from "@graft/client";
import { createClient } from "@graft/client/node";
import { numberArgument } from "./command.ts";

/** Options of every command that talks to a registry. */
export const REGISTRY_ARGS = {
  registry: { type: "string", description: "Address of the registry (or GRAFT_REGISTRY, or the one you logged in to)", valueHint: "url" },
  token: { type: "string", description: "Token (or GRAFT_TOKEN, or the one you logged in with)", valueHint: "token" },
} as const satisfies ArgsDef;

/** How old what is shown of a registry may be. */
export const MAX_AGE_ARG = {
  "max-age": {
    type: "string",
    description: "Hours that the view of the registry may be old, for a mirror that is offline; 24 when left out (or GRAFT_MAX_AGE_HOURS)",
    valueHint: "hours",
  },
} as const satisfies ArgsDef;

/** A client for a registry; `adapter` chooses the registry that its scope is bound to. */
export function openClient(
  args: { registry?: string | undefined; token?: string | undefined; "max-age"?: string | undefined },
  adapter?: string,
): Promise<AdapterClient> {
  const scope = adapter === undefined ? undefined : parseSpecifier(adapter).name.split("/")[0];
  return createClient({
    registry: args.registry,
    token: args.token,
    scope,
    maxAgeHours: numberArgument(args["max-age"], "max-age", { least: 0 }),
  });
}
