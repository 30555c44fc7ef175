import type { SearchFilter } from "../../metadata/search-store.ts";

/** The highest power of two that downloads are told apart by. */
const MOST_POPULAR = 40;

/** A filter's value as a lexeme. Only letters and digits may stand there: anything else is written by its code between two `z`. */
export function filterTerm(filter: SearchFilter, value: string): string {
  const plain = value.toLowerCase().replaceAll(/[^a-y0-9]/gu, (sign) => `z${(sign.codePointAt(0) ?? 0).toString(36)}z`);
  // No word is taken for a term: words have 64 letters at most, and this prefix is none that people type.
  return `zq${filter}z${plain}`;
}

/** A popularity as a lexeme. */
export function popularityTerm(popularity: number): string {
  return `zqpopularityz${popularity}`;
}

/** The week of an instant as a lexeme. */
export function weekTerm(week: number): string {
  return `zqweekz${week}`;
}

/** 0 for no download, then one more with every doubling. */
export function popularityOf(downloads: number): number {
  return Math.min(MOST_POPULAR, Math.floor(Math.log2(downloads + 1)));
}

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** Weeks since 1970 of an instant in ISO 8601. */
export function weekOf(instant: string): number {
  return Math.floor(Date.parse(instant) / WEEK);
}

/** Popularities from the top, a handful at a time: each list of them is about as long as all before it. */
export const POPULARITY_SLICES: readonly (readonly number[])[] = [
  Array.from({ length: MOST_POPULAR - 15 }, (_, index) => MOST_POPULAR - index),
  [15, 14, 13, 12],
  [11, 10],
  [9, 8],
  [7],
  [6],
  [5],
  [4],
  [3],
  [2],
  [1],
  [0],
];

/** Weeks from the newest to the oldest, each slice twice as long as the one before. */
export function weekSlices(newest: number, oldest: number): number[][] {
  const slices: number[][] = [];
  for (let week = newest, length = 1; week >= oldest; week -= length, length *= 2) {
    slices.push(Array.from({ length: Math.min(length, week - oldest + 1) }, (_, index) => week - index));
  }
  return slices;
}
