import { setTimeout } from "node:timers/promises";
import { hostname } from "node:os";
import type { AccessClient } from "@graft/client";
import { GraftError, isGraftError } from "@graft/error";
import type { TokenCreated } from "@graft/protocol";
import { askHidden } from "./ask.ts";
import { openBrowser } from "./open-browser.ts";
import type { Output } from "./output.ts";

/** What a person's token is called. */
const label = (): string => `graft on ${hostname()}`.slice(0, 100);

/** Signs in by a name and a password that is asked for; with an invitation the account is made first. */
export async function signInByPassword(
  access: AccessClient,
  { user, invitation }: { user: string; invitation: string | undefined },
): Promise<TokenCreated> {
  const [password = ""] = await askHidden([invitation === undefined ? "Password: " : "New password: "]);
  if (invitation !== undefined) await access.createAccount({ name: user, password, invitation });
  return await access.signInByPassword({ user, password, label: label() });
}

/** Signs in through a browser: prints the address and the code, and asks until a person answered there. */
export async function signInByBrowser(
  access: AccessClient,
  { output, signal }: { output: Output; signal: AbortSignal },
): Promise<TokenCreated> {
  const device = await access.beginDevice({ label: label() });
  output.note(`Open ${device.verificationUriComplete}`);
  output.note(`and compare the code: ${device.userCode}`);
  if (process.stderr.isTTY === true) openBrowser(device.verificationUriComplete);
  for (;;) {
    await setTimeout(device.interval * 1000, undefined, { signal }).catch((cause: unknown) => {
      throw new GraftError("CANCELLED", "Cancelled", { cause });
    });
    try {
      return await access.signInByDevice(device.deviceCode, { signal });
    } catch (cause) {
      if (!isGraftError(cause) || cause.code !== "SIGN_IN_PENDING") throw cause;
    }
  }
}

/** Signs in as the workflow that runs here: what the forge vouches for, exchanged for a short-lived token. */
export async function signInAsWorkload(access: AccessClient): Promise<TokenCreated> {
  const { GRAFT_ID_TOKEN: given, ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = process.env;
  if (given !== undefined && given !== "") return await access.signInByWorkload(given);
  if (url === undefined || secret === undefined) {
    throw new GraftError("USAGE", "Cannot sign in as a workflow: this is none that an issuer vouches for", {
      hint: "On GitHub set permissions: id-token: write; on GitLab put an id_token into GRAFT_ID_TOKEN",
    });
  }
  const { audience } = await access.signInWays();
  if (audience === undefined)
    throw new GraftError("FORBIDDEN", "Cannot sign in as a workflow: the registry does not know its own address", {
      hint: "Whoever runs it sets GRAFT_PUBLIC_URL",
    });
  const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, { headers: { authorization: `bearer ${secret}` } });
  const { value } = response.ok ? ((await response.json()) as { value?: unknown }) : {};
  if (typeof value !== "string")
    throw new GraftError("UNAUTHORIZED", `Cannot sign in as a workflow: the forge answered ${response.status}`);
  return await access.signInByWorkload(value);
}
