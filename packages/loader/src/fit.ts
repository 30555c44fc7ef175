import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { type ManifestTarget, matchTargets, type TargetMatch, type TargetMatches } from "@graft/methods";
import type { BaseIdentity } from "./base-identity.ts";

/**
 * How it is known that an adapter belongs to a base, the surest first: the very file, the same set of matrices, every matrix that it
 * adapts, a build that was declared to be made from its base; `override` when none was known and loading was asked for all the same.
 */
export type FitKind = "file" | "fingerprint" | "targets" | "variant" | "override";

/** That an adapter fits, and where its targets are. */
export interface Fit {
  readonly kind: FitKind;
  readonly matches: readonly TargetMatch[];
}

/** Fingerprints of the bases that a base was declared to be made from. */
export type OriginalsOf = (fingerprint: string) => Promise<readonly string[]>;

/** How an adapter is tried on a base. */
export interface FitOptions {
  readonly name: string;
  /** Takes modules of the right names and shapes, whatever their weights. */
  readonly allowMismatch?: boolean;
  readonly originalsOf?: OriginalsOf | undefined;
}

/** Tells whether an adapter belongs to a base, by the first of the ways of `FitKind` that holds. BASE_MISMATCH says which targets differ, and which base would fit. */
export async function checkFit(identity: BaseIdentity, manifest: Manifest, options: FitOptions): Promise<Fit> {
  const { targets, base } = manifest;
  const known = new Set<string>(base.files.map(({ digest }) => digest));
  if (known.size > 0 && (await identity.files()).every((digest) => known.has(digest))) {
    const found = await matchByName(identity, targets);
    if (found.differing.length === 0) return { kind: "file", matches: found.matches };
  }
  const fingerprint = await identity.fingerprint();
  const found = await matchTargets(identity.base.model, targets, identity.matrix);
  const whole = found.differing.length === 0;
  if (whole && fingerprint === base.fingerprint) return { kind: "fingerprint", matches: found.matches };
  if (whole && targets.length > 0) return { kind: "targets", matches: found.matches };
  const named = await matchTargets(identity.base.model, targets);
  const fits = named.differing.length === 0;
  if (fits && fingerprint !== undefined && (await options.originalsOf?.(fingerprint))?.includes(base.fingerprint) === true)
    return { kind: "variant", matches: named.matches };
  if (options.allowMismatch !== true) throw mismatch(identity.base, manifest, { name: options.name, found, fingerprint });
  if (fits) return { kind: "override", matches: named.matches };
  throw new GraftError(
    "BASE_MISMATCH",
    `Cannot load "${options.name}" on "${identity.base.name}": ${named.differing.length} of ${targets.length} targets are not there in this shape`,
    { hint: wantedBase(manifest), detail: { differing: named.differing, targets: targets.length } },
  );
}

/** In the very file the names are its own; an adapter that came from elsewhere may have others. */
async function matchByName(identity: BaseIdentity, targets: readonly ManifestTarget[]): Promise<TargetMatches> {
  const named = await matchTargets(identity.base.model, targets);
  return named.differing.length === 0 ? named : matchTargets(identity.base.model, targets, identity.matrix);
}

/** Targets that a message names. */
const SHOWN = 3;

function mismatch(
  base: Base,
  manifest: Manifest,
  { name, found, fingerprint }: { name: string; found: TargetMatches; fingerprint: string | undefined },
): GraftError {
  const { differing } = found;
  const count = manifest.targets.length;
  const other = differing.filter(({ reason }) => reason === "other-weights").length;
  const shown = differing.slice(0, SHOWN).map(({ module }) => module);
  const which = shown.length === 0 ? "" : ` (${shown.join(", ")}${differing.length > SHOWN ? ", …" : ""})`;
  const why = [
    other > 0 ? `${other} of ${count} targets have other weights` : "",
    differing.length > other ? `${differing.length - other} of ${count} are missing` : "",
    count === 0 ? `its fingerprint is ${fingerprint ?? "none"}, want ${manifest.base.fingerprint}` : "",
  ];
  return new GraftError("BASE_MISMATCH", `Cannot load "${name}" on "${base.name}": ${why.filter(Boolean).join(", ")}${which}`, {
    hint: wantedBase(manifest),
    detail: {
      targets: count,
      differing,
      wanted: { name: manifest.base.name, revision: manifest.base.revision, fingerprint: manifest.base.fingerprint },
      found: { name: base.name, fingerprint },
    },
  });
}

/** Which base would fit, and what gets it: of a name that is no id of the Hub only its fingerprint helps. */
function wantedBase({ base: { name, revision, fingerprint } }: Manifest): string {
  const which = `It fits ${name}${revision === undefined ? "" : ` at ${revision}`}`;
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) return `${which}: see graft base list for one with the fingerprint ${fingerprint}`;
  return `${which}: hf download ${name}${revision === undefined ? "" : ` --revision ${revision}`}`;
}
