/** Names that differ only in separators are read as the same by people. */
export function canonicalName(name: string): string {
  return name.replaceAll(/[-_.]/g, "");
}
