import { GraftError } from "@graft/error";

/** JSON in the one form that RFC 8785 allows: sorted keys, no spaces, shortest numbers. NOT_FINITE or USAGE for what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(",")}]`;
  if (typeof value === "object" && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)) return object(value);
  throw new GraftError("USAGE", `Cannot write canonical JSON: a value of type ${typeof value} has no JSON form`);
}

/** ECMAScript's own form of a number is the one RFC 8785 §3.2.2.3 asks for. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new GraftError("NOT_FINITE", `Cannot write canonical JSON: ${value} has no JSON form`);
  return JSON.stringify(value);
}

function text(value: string): string {
  // RFC 8785 §3.2.2.2: a lone surrogate is an error, and JSON.stringify would hide it behind an escape.
  if (!value.isWellFormed()) throw new GraftError("USAGE", "Cannot write canonical JSON: a string has a lone surrogate");
  return JSON.stringify(value);
}

function object(value: object): string {
  // Array.prototype.sort compares UTF-16 code units, as RFC 8785 §3.2.3 asks.
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, item]) => `${text(key)}:${canonicalJson(item)}`).join(",")}}`;
}
