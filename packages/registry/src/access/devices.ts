import { GraftError } from "@graft/error";
import type { Action, DeviceQuestion, DeviceSignIn, TokenCreated } from "@graft/protocol";
import type { StoredDeviceSignIn } from "@graft/storage";
import { signedIn } from "../authorize.ts";
import type { Caller } from "../caller.ts";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { hashToken } from "../token-text.ts";
import { addressKey } from "./client-address.ts";
import { issueToken } from "./issue-token.ts";
import { takeOne } from "./limit.ts";
import { createSecret, createUserCode, readUserCode } from "./secrets.ts";

/** Minutes that a person has to answer. */
const MINUTES = 10;

/** Seconds that a program waits between two questions. */
const INTERVAL = 2;

/** Begins a sign-in that a person allows in a browser (RFC 8628). RATE_LIMITED. */
export async function beginDevice(
  parts: RegistryParts,
  {
    request,
    address,
    origin,
  }: { request: Pick<StoredDeviceSignIn, "label" | "names" | "actions">; address: string | undefined; origin: string },
): Promise<DeviceSignIn> {
  takeOne(parts.access.signIns, `device ${address === undefined ? "unknown" : addressKey(address)}`, "begin a sign-in");
  const [deviceCode, userCode] = [createSecret(), createUserCode()];
  const expiresAt = new Date(parts.clock().getTime() + MINUTES * 60 * 1000).toISOString();
  await parts.metadata.signIns.addDevice({
    hash: await hashToken(deviceCode),
    userCode,
    ...request,
    status: "pending",
    ...given({ address }),
    expiresAt,
  });
  const verificationUri = `${origin}/sign-in/device`;
  return {
    deviceCode,
    userCode,
    verificationUri,
    verificationUriComplete: `${verificationUri}?code=${userCode}`,
    expiresAt,
    interval: INTERVAL,
  };
}

/** What a person is asked to allow. Guessing codes is limited per account. NOT_FOUND, UNAUTHORIZED. */
export async function deviceQuestion(
  parts: RegistryParts,
  { caller, userCode }: { caller: Caller | undefined; userCode: string },
): Promise<DeviceQuestion> {
  const { account } = signedIn(caller);
  if (account === undefined)
    throw new GraftError("FORBIDDEN", "Cannot allow the sign-in: a token of the registry's own is no person", {
      hint: "Sign in with an account",
    });
  takeOne(parts.access.signIns, `codes of ${account.name}`, "look at the sign-in");
  const device = await parts.metadata.signIns.device(readUserCode(userCode));
  if (device === undefined || device.expiresAt <= parts.clock().toISOString()) throw unknownCode(userCode);
  return questionOf(device);
}

/** Allows a sign-in, or refuses it, once. A browser's session is wanted: a token makes no other tokens this way. NOT_FOUND, FORBIDDEN. */
export async function answerDevice(
  parts: RegistryParts,
  { caller, userCode, approve }: { caller: Caller | undefined; userCode: string; approve: boolean },
): Promise<DeviceQuestion> {
  const question = await deviceQuestion(parts, { caller, userCode });
  const { account, isSession } = signedIn(caller);
  if (account === undefined || !isSession)
    throw new GraftError("FORBIDDEN", "Cannot allow the sign-in: it wants a person in a browser", {
      hint: "Open the address that graft login printed",
    });
  const isDecided = await parts.metadata.signIns.decideDevice(question.userCode, { user: account.name, approved: approve });
  if (!isDecided) throw new GraftError("CONFLICT", `Cannot answer ${question.userCode}: it was answered already`);
  return { ...question, status: approve ? "approved" : "denied" };
}

/** What came of a sign-in: the token, once. SIGN_IN_PENDING, FORBIDDEN, NOT_FOUND. */
export async function deviceToken(parts: RegistryParts, deviceCode: string): Promise<TokenCreated> {
  const device = await parts.metadata.signIns.takeDevice(await hashToken(deviceCode));
  if (device === undefined || device.expiresAt <= parts.clock().toISOString()) throw unknownCode();
  if (device.status === "pending")
    throw new GraftError("SIGN_IN_PENDING", "Cannot sign in yet: nobody has allowed it", {
      hint: `Ask again in ${INTERVAL} s`,
      detail: { interval: INTERVAL },
    });
  if (device.status === "denied" || device.user === undefined)
    throw new GraftError("FORBIDDEN", "Cannot sign in: it was refused in the browser", { hint: "Run graft login again" });
  const { label, names, actions, user, address, userCode } = device;
  return await issueToken(parts, {
    label,
    names,
    actions: actions as Action[],
    user,
    actor: `user:${user}`,
    address,
    detail: { userCode },
  });
}

function unknownCode(userCode = ""): GraftError {
  return new GraftError("NOT_FOUND", `Cannot find the sign-in ${userCode.slice(0, 20)}: it has expired, or never was`, {
    hint: "Run graft login again",
  });
}

function questionOf({ userCode, label, names, actions, address, status, expiresAt }: StoredDeviceSignIn): DeviceQuestion {
  return { userCode, label, names: [...names], actions: actions as Action[], ...given({ address }), status, expiresAt };
}
