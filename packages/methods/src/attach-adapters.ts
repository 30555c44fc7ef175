import { KEY_PREFIX, type Head, type Manifest } from "@graft/format";
import { cloneModel, GraphBuilder, type ModelProto, pruneModel } from "@graft/onnx";
import { appendHead } from "./append-head.ts";
import { type AttachPlace, attachPlaces } from "./attach/attach-places.ts";
import { headForm } from "./attach/row-head.ts";
import { LOGITS } from "./graph-output.ts";
import { hiddenState } from "./hidden-state.ts";
import { languageLogits } from "./language-logits.ts";
import { asComputed, changeProduct, changeValue, scaleInput, scaleOutput } from "./edit-site.ts";
import { knownMethod } from "./known-method.ts";
import { lowRankBranch } from "./low-rank.ts";
import type { TargetMatch } from "./match-targets.ts";
import type { AttachSlot, MergeTarget } from "./method.ts";

/** An adapter, and where the model has its targets. */
export interface Attachment {
  readonly manifest: Manifest;
  readonly matches: readonly TargetMatch[];
}

/** The inputs beside one layer: those that any of the adapters needs. */
export interface AttachedTarget {
  readonly layer: Pick<MergeTarget, "kind" | "kernel" | "in" | "out">;
  /** First value that the layer gives: tells which one it is. */
  readonly site: string;
  /** Names of inputs by what they are for. */
  readonly inputs: Readonly<Partial<Record<AttachSlot, string>>>;
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
  readonly targets: readonly AttachedTarget[];
  /** Inputs of a method that changes the graph itself, by their keys. */
  readonly added: readonly string[];
  readonly heads: readonly AttachedHead[];
  /** The output of adapters without a head; absent when every adapter has one. */
  readonly hidden?: string;
  /** The output of adapters that predict tokens; absent when there is none. */
  readonly tokens?: string;
}

/** Adds a branch at every target of any of the adapters, and their heads; the base is not changed. */
export function attachAdapters(
  base: { readonly model: ModelProto; readonly hiddenSize: number },
  attachments: readonly Attachment[],
): Attached {
  const model = cloneModel(base.model);
  const builder = new GraphBuilder(model);
  const targets = [...attachPlaces(attachments)].map(([site, place]) => ({
    layer: place.match.target,
    site,
    inputs: attachTarget(builder, place),
  }));
  const added = attachments.flatMap(({ manifest }) => attachAdded(builder, manifest));
  const own = new Set(model.graph?.output.map(({ name }) => name));
  const predicting = attachments.filter(({ manifest }) => manifest.task.type === "causal-language-modelling");
  const tokens = predicting.length === 0 ? undefined : languageLogits(model);
  // A network that is trained by its own output has no hidden state to go on from.
  const whole = attachments.every(({ manifest }) => manifest.task.type === "tensors") ? model.graph?.output[0]?.name : undefined;
  const hidden = whole ?? (predicting.length === attachments.length ? undefined : hiddenState(model));
  const forms = new Map(
    attachments.flatMap(({ manifest }) =>
      manifest.task.head === undefined ? [] : [[headForm(manifest.task.head), manifest.task.head] as const],
    ),
  );
  const heads = [...forms].map(([form, head], index) => attachHead(builder, { form, head, index, width: base.hiddenSize }));
  const bare = attachments.some((one) => one.manifest.task.head === undefined && !predicting.includes(one));
  model.graph?.output.splice(
    0,
    Infinity,
    ...model.graph.output.filter(({ name }) =>
      own.has(name) ? tokens !== undefined || (bare && name === hidden) : heads.some(({ output }) => output === name),
    ),
  );
  pruneModel(model);
  return {
    model,
    targets,
    added,
    heads,
    ...(bare && hidden !== undefined ? { hidden } : {}),
    ...(tokens === undefined ? {} : { tokens }),
  };
}

/** Whether an adapter changes the graph itself: then no other can run in it. */
function changesGraph({ tensors }: Pick<Manifest, "tensors">): boolean {
  return tensors.some(({ role }) => role === "added");
}

/** Puts the tensors that a method adds beside the base into the graph, as inputs named by their keys. */
export function attachAdded(builder: GraphBuilder, manifest: Manifest): string[] {
  if (!changesGraph(manifest)) return [];
  knownMethod(manifest).inject?.(builder, { method: manifest.method, targets: [], trainables: manifest.tensors, head: manifest.task.head });
  return manifest.tensors.flatMap(({ role, key }) => (role === "added" ? [key] : []));
}

/** What a slot is fed with beside a layer that an adapter leaves alone: a pair without effect, a factor of one. */
export function neutralSlot(
  { layer }: AttachedTarget,
  slot: AttachSlot,
): { readonly shape: readonly number[]; readonly values: Float32Array } {
  // A convolution cannot have no channels.
  const rank = layer.kind === "convolution" ? 1 : 0;
  const shape = slotShape(layer, slot, rank);
  const size = shape.reduce((product, one) => product * one, 1);
  return { shape, values: new Float32Array(size).fill(slot === "a" || slot === "b" ? 0 : 1) };
}

/** Shape of what a slot is fed with: a pair lies as in the adapter, a vector along what it is multiplied with. */
export function slotShape<Rank extends number | string>(
  { kind, kernel = [], in: columns, out }: AttachedTarget["layer"],
  slot: AttachSlot,
  rank: Rank,
): (number | Rank)[] {
  const ones = kernel.map(() => 1);
  const inputs = columns / kernel.reduce((product, size) => product * size, 1);
  if (slot === "a") return [rank, inputs, ...kernel];
  if (slot === "b") return [out, rank, ...ones];
  const size = slot === "inputGain" ? inputs : out;
  return kind === "convolution" ? [1, size, ...ones] : [size];
}

function attachTarget(builder: GraphBuilder, { match: { target, uses }, slots }: AttachPlace): AttachedTarget["inputs"] {
  const inputs: Partial<Record<AttachSlot, string>> = {};
  for (const slot of slots) {
    const shape = slotShape(target, slot, `${target.module}.rank`);
    inputs[slot] = builder.input(builder.unique(`${KEY_PREFIX}${target.module}.${slot}`), "float32", shape);
  }
  const { a, b, gain, inputGain, outputGain } = inputs;
  const { kind } = target;
  for (const { output, bias } of uses) {
    if (inputGain !== undefined) scaleInput(builder, output, { kind, vector: inputGain });
    if (a !== undefined && b !== undefined) {
      // A bias of the layer's own is parted from the product only where that is scaled.
      const change = gain === undefined ? changeValue : changeProduct;
      change(builder, output, (product, node) => {
        const branch = lowRankBranch(builder, node, { a, b, kind, scale: 1 });
        const sum = builder.op("Add", [product, branch], { name: `${node.name}/lora_Add` });
        if (gain === undefined) return sum;
        return builder.op("Mul", [sum, asComputed(builder, gain, { node, name: `${node.name}/gain` })], { name: `${node.name}/gain/Mul` });
      });
    }
    if (outputGain !== undefined) scaleOutput(builder, output, { kind, bias: bias?.initializer, vector: outputGain });
  }
  return inputs;
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
  const shape = [
    "batch",
    ...(head.pooling === "none" ? ["sequence"] : []),
    head.layers.length === 0 ? width : `heads.${index}.${head.layers.length - 1}.out`,
  ];
  const output = builder.output(logits, { name: builder.unique(LOGITS), type: "float32", shape });
  return { form, output, layers, width };
}
