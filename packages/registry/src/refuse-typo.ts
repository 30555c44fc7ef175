import { GraftError } from "@graft/error";
import { STRANGER } from "@graft/storage";
import { isRoot, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";

/** Adapters that are looked at, the most downloaded first, and from how many downloads on one is worth being mistaken for. */
const LOOKED_AT = 200;
const POPULAR = 100;

/** Shorter scopes are one letter apart by chance. */
const SHORTEST = 4;

/** Refuses a new name that is a popular one of another scope with one letter of the scope wrong. CONFLICT names it; those who run the registry may all the same. */
export async function refuseTypo(
  { metadata }: Pick<RegistryParts, "metadata">,
  { caller, name }: { caller: Caller; name: string },
): Promise<void> {
  if (isRoot(caller)) return;
  const [scope, own] = partsOf(name);
  const query = { text: "", filters: {}, order: "downloads", limit: LOOKED_AT, withFacets: false } as const;
  const { items } = await metadata.seenBy(STRANGER).search.find(query);
  const meant = items.find((item) => {
    const [other, same] = partsOf(item.name);
    return item.downloads >= POPULAR && same === own && Math.min(scope.length, other.length) >= SHORTEST && isOneEditApart(scope, other);
  });
  if (meant === undefined) return;
  throw new GraftError("CONFLICT", `Cannot publish ${name}: it is one letter away from ${meant.name}, which many use`, {
    hint: "Choose another name, or ask whoever runs the registry",
    detail: { resembles: meant.name },
  });
}

function partsOf(name: string): [scope: string, name: string] {
  const slash = name.indexOf("/");
  return [name.slice(1, slash), name.slice(slash + 1).replaceAll(/[-_.]/g, "")];
}

/** Whether one letter was added, left out, changed, or exchanged with its neighbour. */
export function isOneEditApart(left: string, right: string): boolean {
  if (left === right || Math.abs(left.length - right.length) > 1) return false;
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const isExchanged = left[at] === right[at + 1] && left[at + 1] === right[at] && left.slice(at + 2) === right.slice(at + 2);
  return isExchanged || left.slice(at + 1) === right.slice(at + 1);
}
