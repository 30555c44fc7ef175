import { loraKeys, type Head, type Manifest } from "@graft/format";
import { cloneModel, GraphBuilder, type ModelProto, pruneModel } from "@graft/onnx";
import { appendHead } from "./append-head.ts";
import { LOGITS } from "./graph-output.ts";
import { hiddenState } from "./hidden-state.ts";
import { addLowRank } from "./low-rank.ts";
import type { TargetMatch } from "./match-targets.ts";

/** An adapter, and where the model has its targets. */
export interface Attachment {
  readonly manifest: Manifest;
  readonly matches: readonly TargetMatch[];
}

/** A pair of inputs beside one matrix: A [rank, in] and B [out, rank], the scale in B; rank 0 adds nothing. */
export interface AttachedPair {
  readonly a: string;
  readonly b: string;
  readonly in: number;
  readonly out: number;
  /** First value that the pair is added to: tells which matrix it is. */
  readonly site: string;
}

/** A head whose tensors are inputs: adapters whose heads have the same form share it. */
export interface AttachedHead {
  readonly form: string;
  readonly output: string;
  /** Inputs of each dense layer: weight [out, in], bias [out]. */
  readonly layers: readonly { readonly weight: string; readonly bias?: string }[];
  /** Values that the first layer takes. */
  readonly width: number;
}

/** A model that takes adapters as inputs, all of them required: ONNX Runtime in Node ignores optional ones. */
export interface Attached {
  readonly model: ModelProto;
  readonly pairs: readonly AttachedPair[];
  readonly heads: readonly AttachedHead[];
  /** The output of adapters without a head; absent when every adapter has one. */
  readonly hidden?: string;
}

/** Adds a branch at every target of any of the adapters, and their heads; the base is not changed. */
export function attachAdapters(
  base: { readonly model: ModelProto; readonly hiddenSize: number },
  attachments: readonly Attachment[],
): Attached {
  const model = cloneModel(base.model);
  const builder = new GraphBuilder(model);
  const pairs = attachPairs(
    builder,
    attachments.flatMap(({ matches }) => matches),
  );
  const hidden = hiddenState(model);
  const forms = new Map(
    attachments.flatMap(({ manifest }) =>
      manifest.task.head === undefined ? [] : [[headForm(manifest.task.head), manifest.task.head] as const],
    ),
  );
  const heads = [...forms].map(([form, head], index) => attachHead(builder, { form, head, index, width: base.hiddenSize }));
  const bare = attachments.some(({ manifest }) => manifest.task.head === undefined);
  model.graph?.output.splice(
    0,
    Infinity,
    ...model.graph.output.filter(({ name }) => (name === hidden ? bare : heads.some(({ output }) => output === name))),
  );
  pruneModel(model);
  return { model, pairs, heads, ...(bare ? { hidden } : {}) };
}

/** What two heads must have in common to share a graph: everything but sizes and names. */
export function headForm({ pooling, layers }: Head): string {
  return [pooling, ...layers.map(({ bias, activation = "linear" }) => `${activation}${bias === undefined ? "" : "+bias"}`)].join(" ");
}

function attachPairs(builder: GraphBuilder, matches: readonly TargetMatch[]): AttachedPair[] {
  const pairs = new Map<string, AttachedPair>();
  for (const { target, uses } of matches) {
    const site = uses[0].output;
    if (pairs.has(site)) continue;
    const keys = loraKeys(target.module);
    const rank = `${target.module}.rank`;
    const a = builder.input(builder.unique(keys.a), "float32", [rank, target.in]);
    const b = builder.input(builder.unique(keys.b), "float32", [target.out, rank]);
    addLowRank(builder, uses, { a, b, scale: 1 });
    pairs.set(site, { a, b, in: target.in, out: target.out, site });
  }
  return [...pairs.values()];
}

function attachHead(builder: GraphBuilder, options: { form: string; head: Head; index: number; width: number }): AttachedHead {
  const { form, head, index, width } = options;
  const inputs = new Map<string, string>();
  const layers = head.layers.map(({ weight, bias }, layer) => {
    const scope = `heads.${index}.${layer}`;
    const size = `${scope}.out`;
    inputs.set(weight, builder.input(`${scope}.weight`, "float32", [size, layer === 0 ? width : `heads.${index}.${layer - 1}.out`]));
    if (bias !== undefined) inputs.set(bias, builder.input(`${scope}.bias`, "float32", [size]));
    return { weight: `${scope}.weight`, ...(bias === undefined ? {} : { bias: `${scope}.bias` }) };
  });
  const logits = appendHead(builder, head, { value: (key) => inputs.get(key) ?? key, scope: `/heads.${index}` });
  const shape = ["batch", ...(head.pooling === "none" ? ["sequence"] : []), `heads.${index}.${head.layers.length - 1}.out`];
  const output = builder.output(logits, { name: builder.unique(LOGITS), type: "float32", shape });
  return { form, output, layers, width };
}
