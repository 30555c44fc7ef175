import type { Head } from "@graft/format";
import type { GraphBuilder } from "@graft/onnx";
import { HEAD_ACTIVATIONS } from "../activations.ts";
import { pooledHidden } from "../append-head.ts";
import { LOGITS } from "../graph-output.ts";

/** A head whose tensors are inputs: adapters whose heads have the same form share it, whatever their sizes. */
export interface RowHead {
  readonly form: string;
  /** [rows, 1, outputs] of a head that pools, else [rows, positions, outputs]; as many outputs as the widest has. */
  readonly output: string;
  /** Inputs of each dense layer: weight [adapters, in, out], bias [adapters, 1, out]. */
  readonly layers: readonly { readonly weight: string; readonly bias?: string }[];
  /** Values that the first layer takes. */
  readonly width: number;
}

/** What two heads must have in common to share a graph: everything but sizes and names. */
export function headForm({ pooling, layers }: Head): string {
  return [pooling, ...layers.map(({ bias, activation = "linear" }) => `${activation}${bias === undefined ? "" : "+bias"}`)].join(" ");
}

/** Adds a head of which every row has its own. */
export function attachRowHead(builder: GraphBuilder, options: { head: Head; index: number; width: number; rows: string }): RowHead {
  const { head, index, width, rows } = options;
  const scope = `/heads.${index}`;
  const pooled = pooledHidden(builder, head, scope);
  let current =
    head.pooling === "none" ? pooled : builder.op("Reshape", [pooled, builder.int([-1, 1, width])], { name: `${scope}/pooling/Reshape` });
  const pick = (input: string): string => builder.op("Gather", [input, rows], { name: `/${input}/Gather`, attributes: { axis: 0 } });
  const layers = head.layers.map(({ bias, activation }, layer) => {
    const name = `heads.${index}.${layer}`;
    const from = layer === 0 ? width : `heads.${index}.${layer - 1}.out`;
    const weight = builder.input(`${name}.weight`, "float32", ["adapters", from, `${name}.out`]);
    current = builder.op("MatMul", [current, pick(weight)], { name: `/${name}/MatMul` });
    const shift = bias === undefined ? undefined : builder.input(`${name}.bias`, "float32", ["adapters", 1, `${name}.out`]);
    if (shift !== undefined) current = builder.op("Add", [current, pick(shift)], { name: `/${name}/Add` });
    if (activation !== undefined) current = HEAD_ACTIVATIONS[activation](builder, current, `/${name}`);
    return { weight, ...(shift === undefined ? {} : { bias: shift }) };
  });
  const outputs = head.layers.length === 0 ? width : `heads.${index}.${head.layers.length - 1}.out`;
  const shape = ["batch", head.pooling === "none" ? "sequence" : 1, outputs];
  return {
    form: headForm(head),
    output: builder.output(current, { name: builder.unique(LOGITS), type: "float32", shape }),
    layers,
    width,
  };
}

/** One dense layer of one adapter: weight [in, out], bias [out]. */
export interface DenseValues {
  readonly in: number;
  readonly out: number;
  readonly weight: Float32Array;
  readonly bias?: Float32Array | undefined;
}

/** Puts the layers of several adapters into the inputs of one; what is narrower, or not there, is filled up with zeros. */
export function stackDense(entries: readonly (DenseValues | undefined)[], width?: number): DenseValues & { readonly bias: Float32Array } {
  const out = Math.max(1, ...entries.map((entry) => entry?.out ?? 0));
  const columns = width ?? Math.max(1, ...entries.map((entry) => entry?.in ?? 0));
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && only.in === columns) return { ...only, bias: only.bias ?? new Float32Array(out) };
  const weight = new Float32Array(entries.length * columns * out);
  const bias = new Float32Array(entries.length * out);
  for (const [place, entry] of entries.entries()) {
    if (entry === undefined) continue;
    const start = place * columns * out;
    for (let row = 0; row < entry.in; row++) weight.set(entry.weight.subarray(row * entry.out, (row + 1) * entry.out), start + row * out);
    if (entry.bias !== undefined) bias.set(entry.bias, place * out);
  }
  return { in: columns, out, weight, bias };
}
