/** What `graft inspect` found: for a person facts and tables, for a program a document. */
export interface Inspection {
  readonly kind: "safetensors" | "adapter" | "onnx" | "checkpoint";
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly tables: readonly { readonly head: readonly string[]; readonly rows: readonly (readonly (string | number)[])[] }[];
  /** Why an adapter like this, or a base like this, would be refused. */
  readonly warnings: readonly Warning[];
  readonly document: Readonly<Record<string, unknown>>;
  /** What was found as SVG, where there is something to draw. */
  readonly picture?: string;
}

/** One reason to refuse a file that its format accepts: the rule or code that it breaks. */
export interface Warning {
  readonly rule: string;
  readonly message: string;
}

/** Longest text that is shown to a person. */
const SHOWN = 120;

/** Text of a file as a terminal may see it: no control characters, nothing that reverses the line, not too long. */
export function printable(text: string): string {
  const escaped = text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return escaped.length <= SHOWN ? escaped : `${escaped.slice(0, SHOWN - 1)}…`;
}

/** How often each value occurs, the most frequent first: "F32 × 12, F16 × 2". */
export function tally(values: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .toSorted((left, right) => right[1] - left[1])
    .map(([value, count]) => `${printable(value)} × ${count}`)
    .join(", ");
}

/** Product of the dimensions of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
