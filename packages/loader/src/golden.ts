import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import type { Row } from "./rows.ts";

/** Runs the manifest's golden cases, one by one, and compares: how many agreed. GOLDEN_MISMATCH names the first that does not. */
export async function checkGolden(
  manifest: Manifest,
  options: { readonly name: string; readonly run: (row: Row) => Promise<Float32Array> },
): Promise<number> {
  const { golden } = manifest;
  if (golden === undefined) return 0;
  for (const [index, { inputs, outputs }] of golden.cases.entries()) {
    const found = await options.run(inputs);
    const difference = Math.max(...outputs.map((value, position) => Math.abs(value - (found[position] ?? Number.NaN))));
    // Not-a-number fails too.
    if (difference <= golden.tolerance && outputs.length <= found.length) continue;
    throw new GraftError(
      "GOLDEN_MISMATCH",
      `Cannot vouch for "${options.name}": golden case ${index + 1} of ${golden.cases.length} gives other numbers, largest difference ${difference}, want at most ${golden.tolerance}`,
      {
        hint: "The base, the tokenizer or the runtime differs from the one it was trained with",
        detail: {
          case: index,
          difference,
          tolerance: golden.tolerance,
          expected: outputs,
          found: Array.from(found.subarray(0, outputs.length)),
        },
      },
    );
  }
  return golden.cases.length;
}
