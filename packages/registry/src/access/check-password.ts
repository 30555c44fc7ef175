import { unauthorized } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { addressKey } from "./client-address.ts";
import { takeOne } from "./limit.ts";

/** Checks a name and a password: one answer, after the same work, whatever of them is wrong. UNAUTHORIZED, RATE_LIMITED. */
export async function checkPassword(
  { access, metadata }: RegistryParts,
  { user, password, address }: { user: string; password: string; address: string | undefined },
): Promise<string> {
  takeOne(access.signIns, `address ${address === undefined ? "unknown" : addressKey(address)}`, "sign in");
  takeOne(access.accountSignIns, user, "sign in");
  const known = await metadata.users.get(user);
  const isRight = await access.passwords.verify(password, known?.disabledAt === undefined ? known?.passwordHash : undefined);
  if (!isRight || known === undefined) throw unauthorized("the name or the password is wrong");
  return known.name;
}
