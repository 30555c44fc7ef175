/** Numbers in lists in lists, all of one depth and length at each level. */
export type Nested = number | readonly Nested[];

/** The shape and the numbers of nested lists, row-major; undefined where lists differ in length or something is no finite number. */
export function nested(value: unknown): { readonly dims: readonly number[]; readonly data: Float32Array } | undefined {
  const dims: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0] as unknown) dims.push(inner.length);
  const numbers: number[] = [];
  const fits = (part: unknown, level: number): boolean => {
    if (level === dims.length) return typeof part === "number" && Number.isFinite(part) && numbers.push(part) > 0;
    return Array.isArray(part) && part.length === dims[level] && part.every((inner) => fits(inner, level + 1));
  };
  return fits(value, 0) ? { dims, data: Float32Array.from(numbers) } : undefined;
}
