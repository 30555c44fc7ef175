import { GraftError } from "@graft/error";
import * as semver from "semver";
import { z } from "zod";
import { LIMITS } from "./limits.ts";

const PART = "[a-z0-9]+(?:[._-][a-z0-9]+)*";

/** Name of an adapter in a registry: `@scope/name`, lower case. */
export const Name = z
  .string()
  .max(LIMITS.scopeLength + LIMITS.nameLength + 2)
  .regex(new RegExp(`^@${PART}/${PART}$`), 'want "@scope/name" of lower-case letters, digits and single . _ -')
  .refine(
    (name) => name.indexOf("/") - 1 <= LIMITS.scopeLength && name.length - name.indexOf("/") - 1 <= LIMITS.nameLength,
    `the scope may have ${LIMITS.scopeLength} characters, the name ${LIMITS.nameLength}`,
  )
  .meta({ id: "Name", description: "Name of an adapter in a registry" });
/** Name of an adapter in a registry: `@scope/name`, lower case. */
export type Name = z.infer<typeof Name>;

/** Version by semver 2.0.0, without build metadata: two versions that differ only there would have no order. */
export const Version = z
  .string()
  .max(LIMITS.versionLength, { abort: true })
  .regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'want a semantic version such as "1.2.3" or "1.2.3-beta.1"')
  .refine((version) => semver.valid(version) === version, "want a semantic version")
  .meta({ id: "Version", description: "Version by semver 2.0.0, without build metadata" });
/** Version by semver 2.0.0, without build metadata. */
export type Version = z.infer<typeof Version>;

/** Range of versions with npm's meaning: `^1.2.0`, `1.x`, `>=1 <3`, `*`. */
export const Range = z
  .string()
  .max(LIMITS.rangeLength, { abort: true })
  .refine((range) => semver.validRange(range) !== null, "want a range of versions such as ^1.2.0")
  .meta({ id: "Range", description: "Range of versions with npm's meaning" });
/** Range of versions with npm's meaning. */
export type Range = z.infer<typeof Range>;

/** Tag that points to a version, such as `latest`; never something that reads as a range. */
export const Tag = z
  .string()
  .max(LIMITS.rangeLength)
  .regex(/^[a-z][a-z0-9-]*$/, "want a tag of lower-case letters, digits and -")
  .refine((tag) => semver.validRange(tag) === null, "a tag may not read as a range")
  .meta({ id: "Tag", description: "Tag that points to a version" });
/** Tag that points to a version, such as `latest`. */
export type Tag = z.infer<typeof Tag>;

/** What somebody asks for: a name, and a range or a tag. */
export interface Specifier {
  readonly name: Name;
  readonly range?: Range;
  readonly tag?: Tag;
}

/** Reads `@scope/name`, `@scope/name@^1.2.0` or `@scope/name@latest`; without a range it means the tag `latest`. NAME_INVALID. */
export function parseSpecifier(text: string): Specifier {
  const at = text.indexOf("@", 1);
  const name = checked(Name, at < 0 ? text : text.slice(0, at), "name");
  const wanted = at < 0 ? "latest" : text.slice(at + 1);
  if (wanted !== "" && Range.safeParse(wanted).success) return { name, range: wanted };
  return { name, tag: checked(Tag, wanted, "version, range or tag") };
}

/** The highest version inside a range, undefined when there is none; pre-releases only where the range names one. */
export function highestVersion(versions: readonly Version[], range: Range): Version | undefined {
  return semver.maxSatisfying(versions, range) ?? undefined;
}

/** Whether a version is in a range. Pre-releases count as versions of their own: a message for all of them must not leave some out. */
export function rangeHolds(range: Range, version: Version): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}

/** Steps from one version to the next, by npm's names. */
export const VERSION_STEPS = ["major", "minor", "patch", "premajor", "preminor", "prepatch", "prerelease"] as const;
/** A step from one version to the next. */
export type VersionStep = (typeof VERSION_STEPS)[number];

/** The version one step on, as npm counts: the patch of a pre-release is its release. */
export function nextVersion(version: Version, step: VersionStep): Version {
  const next = semver.inc(version, step);
  if (next === null) throw new GraftError("NAME_INVALID", `Cannot count on from "${version}": want a semantic version`);
  return next;
}

/** Order of versions by precedence, for sorting. */
export function compareVersions(left: Version, right: Version): number {
  return semver.compare(left, right);
}

/** Checks a name, version, range or tag that came from outside; `what` names it in the message. NAME_INVALID. */
export function checked<T>(schema: z.ZodType<T>, text: string, what: string): T {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  const why = result.error.issues[0]?.message ?? "it is malformed";
  throw new GraftError("NAME_INVALID", `Cannot read the ${what} ${JSON.stringify(text.slice(0, 200))}: ${why}`);
}
