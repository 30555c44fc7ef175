import { DataType, decodeModel, encodeModel, evaluateDim, type ModelProto, valueInfo, type ValueType } from "@graft/onnx";
import * as ort from "onnxruntime-node";

/** A tensor as ONNX Runtime saw it. */
interface Observed {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint | string>;
}

/** Inputs of a run by name. */
export type Feeds = Readonly<Record<string, ort.Tensor>>;

const RUNTIME_TYPES: Readonly<Record<string, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  int4: DataType.int4,
  uint4: DataType.uint4,
};

/** Runs a model unoptimised and gives every value that a node of it makes. */
export async function observeValues(model: ModelProto, feeds: Feeds): Promise<Map<string, Observed>> {
  const copy = decodeModel(encodeModel(model));
  const graph = copy.graph;
  if (graph === undefined) throw new TypeError("A model without a graph");
  const made = graph.node.flatMap((node) => node.output).filter((name) => name !== "");
  graph.output = made.map((name) => ({ ...valueInfo(name, "float32", []), type: undefined }) as ReturnType<typeof valueInfo>);
  const session = await ort.InferenceSession.create(encodeModel(copy), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const results = await session.run(feeds);
    return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor as unknown as Observed]));
  } finally {
    await session.release();
  }
}

/** What in `inferred` a run contradicts, in words; symbols that only a run can tell are bound when first met. */
export function contradictions(
  inferred: ReadonlyMap<string, ValueType>,
  run: { observed: ReadonlyMap<string, Observed>; symbols: Readonly<Record<string, number>> },
): string[] {
  const symbols: Record<string, number> = { ...run.symbols };
  const found: string[] = [];
  for (const [name, actual] of run.observed) {
    const value = inferred.get(name);
    if (value === undefined || value.shape === undefined || value.type === 0) {
      found.push(`${name}: nothing known`);
      continue;
    }
    if (RUNTIME_TYPES[actual.type] !== value.type) found.push(`${name}: type ${value.type}, ran as ${actual.type}`);
    for (const [axis, dim] of value.shape.entries()) {
      if (typeof dim === "string" && /^unknown_\d+$/.test(dim)) symbols[dim] ??= actual.dims[axis] ?? -1;
    }
    const expected = value.shape.map((dim) => evaluateDim(dim, symbols));
    if (expected.join() !== actual.dims.join())
      found.push(`${name}: [${value.shape.join(", ")}] = [${expected.join(", ")}], ran as [${actual.dims.join(", ")}]`);
    if (value.value === undefined) continue;
    const elements = value.value.map((entry) => evaluateDim(entry, symbols));
    if (elements.join() !== Array.from(actual.data, Number).join())
      found.push(`${name}: value [${value.value.join(", ")}], ran as [${Array.from(actual.data).join(", ")}]`);
  }
  return found;
}

/** Symbols that inference had to invent. */
export function inventedSymbols(inferred: ReadonlyMap<string, ValueType>): string[] {
  return [
    ...new Set([...inferred.values()].flatMap((value) => (value.shape ?? []).flatMap((dim) => String(dim).match(/unknown_\d+/g) ?? []))),
  ];
}
