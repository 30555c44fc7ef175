import type { RegistryParts } from "../context.ts";
import { mountDevicePage } from "../pages/mount-device-page.ts";
import { mountAccounts } from "./accounts.ts";
import type { RegistryApp } from "./mount.ts";
import { mountScopes } from "./scopes.ts";
import { mountSignIn } from "./sign-in.ts";
import { mountTeams } from "./teams.ts";

/** All routes of who may do what. */
export function mountAccess(app: RegistryApp, parts: RegistryParts): void {
  for (const mount of [mountAccounts, mountSignIn, mountScopes, mountTeams, mountDevicePage]) mount(app, parts);
}
