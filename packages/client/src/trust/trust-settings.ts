import { GraftError } from "@graft/error";
import { HEAD_LIFETIME, openVerifyingKey, type VerifyingKey } from "@graft/trust";

const HOUR = 60 * 60 * 1000;

/** How old a view of a registry may be, in milliseconds: as given, GRAFT_MAX_AGE_HOURS, or 24 hours. USAGE for what is no number of hours. */
export function headLifetime(given: number | undefined, environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment["GRAFT_MAX_AGE_HOURS"];
  const hours = given ?? (text === undefined || text.trim() === "" ? HEAD_LIFETIME / HOUR : Number(text));
  if (Number.isFinite(hours) && hours > 0) return hours * HOUR;
  throw new GraftError("USAGE", `Cannot accept a view of "${text ?? hours}" hours: want a number above 0`);
}

/** The pinned keys of authors. NAME_INVALID names the one that is no key. */
export async function authorKeys(authors: Readonly<Record<string, string>> = {}): Promise<Record<string, VerifyingKey>> {
  return Object.fromEntries(
    await Promise.all(
      Object.entries(authors).map(async ([name, key]) => {
        const opened = await openVerifyingKey(key).catch((cause: unknown) => {
          throw new GraftError("NAME_INVALID", `Cannot read the key of ${name} in the configuration: it is no public key`, {
            hint: "Pin it again: graft key pin",
            cause,
          });
        });
        return [name, opened] as const;
      }),
    ),
  );
}
