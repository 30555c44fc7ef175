const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes for people: `724 kB`, in powers of 1,000 and three digits. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

/** A count with separators: `177,926`. */
export function count(value: number): string {
  return value.toLocaleString("en");
}
