import type { Base } from "@graft/architectures";
import { correlationOf, type RoundedTarget } from "@graft/methods";
import type { ModelProto } from "@graft/onnx";
import type { SessionOptions } from "@graft/runtime";
import { AttachEngine } from "./attach-engine.ts";
import type { Engine, FittedAdapter, OpenSession } from "./engine.ts";
import { MergeEngine } from "./merge-engine.ts";
import type { Prediction } from "./prediction.ts";

/** A merge beside the same adapter attached, which is kept in float32. */
export interface MergeComparison {
  readonly rounded: readonly RoundedTarget[];
  /** Of all targets together, the cosine between the delta that is left and the one that was meant. */
  readonly correlation: number;
  readonly rows: number;
  /** Between the outputs of the rows. */
  readonly largestDifference: number;
  readonly meanDifference: number;
  /** Share of the rows with the same label; absent where there are no labels. */
  readonly sameLabels?: number;
}

/** Runs rows with an adapter attached and merged, however lossy that is. */
export async function compareMerge(
  parts: { readonly base: Base; readonly model: ModelProto; readonly openSession: OpenSession; readonly session: SessionOptions },
  { fitted, run }: { readonly fitted: FittedAdapter; readonly run: (engine: Engine) => Promise<Prediction[]> },
): Promise<MergeComparison> {
  const outputs: Prediction[][] = [];
  let rounded: readonly RoundedTarget[] = [];
  // One after the other: two sessions hold the base's packed weights twice.
  for (const engine of [new AttachEngine(parts), new MergeEngine(parts.base, { ...parts, allowLossy: true })]) {
    try {
      rounded = await engine.add(fitted);
      outputs.push(await run(engine));
    } finally {
      await engine.close();
    }
  }
  const [attached = [], merged = []] = outputs;
  const differences = attached.flatMap(({ logits }, row) =>
    Array.from(logits, (value, index) => Math.abs(value - (merged[row]?.logits[index] ?? Number.NaN))),
  );
  const labelled = attached.some(({ label }) => label !== undefined);
  const same = attached.filter(({ label }, row) => label === merged[row]?.label).length;
  return {
    rounded,
    correlation: correlationOf(rounded),
    rows: attached.length,
    largestDifference: differences.reduce((most, value) => Math.max(most, value), 0),
    meanDifference: differences.length === 0 ? 0 : differences.reduce((total, value) => total + value, 0) / differences.length,
    ...(labelled ? { sameLabels: same / attached.length } : {}),
  };
}
