import { GraftError } from "@graft/error";
import { highestVersion, Range } from "@graft/format";
import type { VersionRecord } from "@graft/protocol";
import type { VersionReader } from "@graft/storage";
import { versionRecord } from "./records.ts";
import { withdrawn } from "./withdraw.ts";

/** The best version of a name for a tag, a version or a range. NOT_FOUND says what there is; WITHDRAWN why one number is not there any more; NAME_INVALID for what is none of the three. */
export async function resolve(versions: VersionReader, name: string, wanted: string): Promise<VersionRecord> {
  const tags = await versions.tags(name);
  const numbers = await versions.numbers(name);
  const gone = numbers.includes(wanted) ? undefined : await versions.withdrawal(name, wanted);
  if (gone !== undefined) throw withdrawn({ name, version: wanted, ...gone });
  if (numbers.length === 0) throw new GraftError("NOT_FOUND", `Cannot find ${name}: there is no such adapter`);
  const tagged = Object.hasOwn(tags, wanted) ? tags[wanted] : undefined;
  const isRange = Range.safeParse(wanted).success;
  const number = tagged ?? (isRange ? highestVersion(numbers, wanted) : undefined);
  const version = number === undefined ? undefined : await versions.get(name, number);
  if (version === undefined) {
    throw new GraftError("NOT_FOUND", `Cannot find ${name}@${wanted}: no version ${isRange ? "is in this range" : "has this tag"}`, {
      hint: `There is ${numbers.slice(0, 5).join(", ")}${numbers.length > 5 ? ` and ${numbers.length - 5} more` : ""}`,
      detail: { versions: numbers.slice(0, 100), tags },
    });
  }
  return versionRecord(version, tags);
}
