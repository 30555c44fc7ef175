/** The entries that have a value: options that were left out take their defaults further down. */
export function present<T extends Readonly<Record<string, unknown>>>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}
