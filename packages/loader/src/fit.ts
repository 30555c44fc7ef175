import type { Base } from "@graft/architectures";
import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import { type ManifestTarget, matchTargets, type TargetMatch } from "@graft/methods";
import { digestMatrix, fingerprint, floatValues, type Matrix } from "@graft/onnx";

/** How it is known that an adapter belongs to a base; `override` when that was not known and loading was asked for all the same. */
export type FitKind = "targets" | "file" | "fingerprint" | "override";

/** That an adapter fits, and where its targets are. */
export interface Fit {
  readonly kind: FitKind;
  readonly matches: readonly TargetMatch[];
}

/** What is computed of a base once, however many adapters are tried on it. */
export class BaseIdentity {
  readonly base: Base;
  readonly #matrices = new Map<string, Promise<Digest>>();
  readonly #hashFile: (path: string) => Promise<Digest>;
  #files: Promise<readonly Digest[]> | undefined;
  #fingerprint: Promise<Digest> | undefined;

  constructor(base: Base, hashFile: (path: string) => Promise<Digest>) {
    this.base = base;
    this.#hashFile = hashFile;
  }

  /** Digest of one matrix. */
  readonly matrix = ({ initializer, tensor }: Matrix): Promise<Digest> => {
    const known = this.#matrices.get(initializer);
    if (known !== undefined) return known;
    const digest = this.#digest(tensor);
    this.#matrices.set(initializer, digest);
    return digest;
  };

  /** Digests of the weight files. */
  files(): Promise<readonly Digest[]> {
    this.#files ??= Promise.all(this.base.files.map(this.#hashFile));
    return this.#files;
  }

  fingerprint(): Promise<Digest> {
    this.#fingerprint ??= fingerprint(this.base.model, this.base.weights).then((result) => result.fingerprint);
    return this.#fingerprint;
  }

  async #digest(tensor: Matrix["tensor"]): Promise<Digest> {
    const [rows = 1, ...rest] = tensor.dims.map(Number);
    return digestMatrix(await floatValues(tensor, this.base.weights), { rows, columns: rest.reduce((product, size) => product * size, 1) });
  }
}

/**
 * Tells whether an adapter belongs to a base: by all its target matrices; without targets, by exact file or fingerprint.
 * BASE_MISMATCH says which targets differ. `allowMismatch` takes modules of the right names and shapes instead.
 */
export async function checkFit(
  identity: BaseIdentity,
  manifest: Manifest,
  options: { readonly name: string; readonly allowMismatch?: boolean },
): Promise<Fit> {
  const { targets } = manifest;
  if (targets.length === 0) return fitWhole(identity, manifest, options);
  const { matches, differing } = await matchTargets(identity.base.model, targets, identity.matrix);
  if (differing.length === 0) return { kind: "targets", matches };
  if (options.allowMismatch === true) return fitByName(identity.base, targets, options.name);
  const other = differing.filter(({ reason }) => reason === "other-weights").length;
  const why = [
    other > 0 ? `${other} of ${targets.length} targets have other weights` : "",
    differing.length > other ? `${differing.length - other} of ${targets.length} are missing` : "",
  ];
  throw mismatch(identity.base, manifest, {
    name: options.name,
    why: why.filter(Boolean).join(", "),
    detail: { differing, targets: targets.length },
  });
}

async function fitWhole(
  identity: BaseIdentity,
  manifest: Manifest,
  { name, allowMismatch }: { name: string; allowMismatch?: boolean },
): Promise<Fit> {
  const { files, fingerprint: wanted } = manifest.base;
  const known = new Set<string>(files.map(({ digest }) => digest));
  if ((await identity.files()).every((digest) => known.has(digest))) return { kind: "file", matches: [] };
  const found = await identity.fingerprint();
  if (found === wanted) return { kind: "fingerprint", matches: [] };
  if (allowMismatch === true) return { kind: "override", matches: [] };
  throw mismatch(identity.base, manifest, { name, why: `its fingerprint is ${found}, want ${wanted}`, detail: { found, wanted } });
}

async function fitByName(base: Base, targets: readonly ManifestTarget[], name: string): Promise<Fit> {
  const { matches, differing } = await matchTargets(base.model, targets);
  if (differing.length === 0) return { kind: "override", matches };
  throw new GraftError(
    "BASE_MISMATCH",
    `Cannot load "${name}" on "${base.name}": ${differing.length} of ${targets.length} targets are not there in this shape`,
    { detail: { differing, targets: targets.length } },
  );
}

function mismatch(
  base: Base,
  manifest: Manifest,
  { name, why, detail }: { name: string; why: string; detail: Readonly<Record<string, unknown>> },
): GraftError {
  const { name: wanted, revision } = manifest.base;
  return new GraftError("BASE_MISMATCH", `Cannot load "${name}" on "${base.name}": ${why}`, {
    hint: `Use the base it was trained on: ${wanted}${revision === undefined ? "" : ` at ${revision}`}`,
    detail,
  });
}
