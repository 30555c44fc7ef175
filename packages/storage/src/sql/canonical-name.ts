/** What people read alike: separators, and letters that look like others (after the skeletons of Unicode TR 39). Names are ASCII and lower-case anyway. */
export function canonicalName(name: string): string {
  return name.replaceAll(/[-_.]/g, "").replaceAll("0", "o").replaceAll("1", "l").replaceAll("rn", "m").replaceAll("vv", "w");
}
