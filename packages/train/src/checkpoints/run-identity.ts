import { GraftError } from "@graft/error";

/** What makes a run the one it is, as JSON: the same identity gives the same bytes. */
export type RunIdentity = { readonly [field: string]: IdentityValue };
type IdentityValue = string | number | boolean | null | readonly IdentityValue[] | RunIdentity;

/** Differences that a message names. */
const NAMED = 8;

/** Refuses a checkpoint of another run, with the fields that differ. CHECKPOINT_MISMATCH. */
export function checkIdentity(own: RunIdentity, kept: RunIdentity): void {
  const differences = identityDifferences(own, kept);
  if (differences.length === 0) return;
  const named = differences.slice(0, NAMED).map(({ field, own: is, kept: was }) => `${field} is ${is}, was ${was}`);
  const more = differences.length > NAMED ? `, and ${differences.length - NAMED} more` : "";
  throw new GraftError("CHECKPOINT_MISMATCH", `Cannot go on from the checkpoint: it is of another run: ${named.join("; ")}${more}`, {
    hint: "Give the options, base and data that the run began with, or begin another run in another folder",
    detail: { differences },
  });
}

/** Fields that are not the same, by their path, with both values as text. */
export function identityDifferences(
  own: RunIdentity,
  kept: RunIdentity,
): readonly { readonly field: string; readonly own: string; readonly kept: string }[] {
  const [left, right] = [new Map(leaves(own)), new Map(leaves(kept))];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((field) => {
    const [is, was] = [left.get(field) ?? "not given", right.get(field) ?? "not given"];
    return is === was ? [] : [{ field, own: is, kept: was }];
  });
}

function* leaves(value: IdentityValue, path = ""): Generator<[string, string]> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    yield [path, JSON.stringify(value)];
    return;
  }
  for (const [field, inner] of Object.entries(value)) yield* leaves(inner, path === "" ? field : `${path}.${field}`);
}
