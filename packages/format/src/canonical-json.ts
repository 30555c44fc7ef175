import { GraftError } from "@graft/error";

/** JSON by RFC 8785: keys sorted by UTF-16 units, no white space, so equal values give equal bytes. NOT_FINITE for NaN and infinity. */
export function canonicalJson(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new GraftError("NOT_FINITE", `Cannot write ${value} as JSON: it is not finite`);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // The default order of sort is that of UTF-16 units, as the RFC wants.
  const sorted = members.toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}
