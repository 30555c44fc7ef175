import { GraftError } from "@graft/error";

/** Bytes that a cache may have where nobody says: some thousand adapters. */
const USUAL_LIMIT = 5e9;

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

/** Reads a size such as "500 MB" or "2GB" as bytes, thousands of thousands; USAGE. */
export function parseSize(text: string, what: string): number {
  const [, number = "", unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (number !== "" && factor !== undefined) return Math.round(Number(number) * factor);
  throw new GraftError("USAGE", `Cannot read ${what} "${text}": want a size such as 500MB or 2GB`);
}

/** The limit that the environment or the configuration sets (GRAFT_CACHE_SIZE, `cacheSize`), in bytes. */
export function cacheLimit(environment: Readonly<Record<string, string | undefined>>, configured: string | undefined): number {
  const told = [environment["GRAFT_CACHE_SIZE"], configured].find((value) => value !== undefined && value.trim() !== "");
  return told === undefined ? USUAL_LIMIT : parseSize(told, "the size of the cache");
}
