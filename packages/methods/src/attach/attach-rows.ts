import type { Manifest } from "@graft/format";
import { cloneModel, GraphBuilder, type ModelProto, pruneModel } from "@graft/onnx";
import { attachAdded, type Attachment } from "../attach-adapters.ts";
import { hiddenState } from "../hidden-state.ts";
import { languageLogits } from "../language-logits.ts";
import { attachPlaces } from "./attach-places.ts";
import { rowLayouts } from "./batch-values.ts";
import { injectWhole } from "./inject-whole.ts";
import { attachRowHead, headForm, type RowHead } from "./row-head.ts";
import { attachRowTarget, type RowGraph, type RowTarget } from "./row-target.ts";

/** A model whose rows each take an adapter of their own, or all of them one; every input is required. */
export interface AttachedRows {
  readonly model: ModelProto;
  /** Input int64 [rows] or [1]: which of the stacked adapters a row uses. */
  readonly rows: string;
  readonly targets: readonly RowTarget[];
  /** Inputs that are not stacked, by their keys: what a method adds beside the base, and what stands in the place of the base's tensors. */
  readonly whole: readonly string[];
  readonly heads: readonly RowHead[];
  /** The output of rows without a head; absent where the base gives no hidden states. */
  readonly hidden?: string;
  /** The output of adapters that predict tokens; absent when there is none. */
  readonly tokens?: string;
}

/** Name of the input that tells the rows' adapters. */
const ROWS = "adapter_rows";

/**
 * Adds a branch at every target of any of the adapters, their heads and their whole tensors; the base is not changed. Adapters
 * that add or replace tensors share a graph only with those that add or replace the same.
 */
export function attachRows(
  base: { readonly model: ModelProto; readonly hiddenSize: number },
  attachments: readonly Attachment[],
): AttachedRows {
  const model = cloneModel(base.model);
  const builder = new GraphBuilder(model);
  const layoutOf = rowLayouts(base.model);
  const own = new Set(model.graph?.output.map(({ name }) => name));
  const [first] = attachments;
  const replaced = first === undefined ? [] : injectWhole(builder, first.manifest);
  const added = first === undefined ? [] : attachAdded(builder, first.manifest);
  // Methods that insert positions look at all inputs that there are.
  const rows = builder.input(ROWS, "int64", ["rows"]);
  const graph: RowGraph = { builder, rows, layoutOf };
  const targets = [...attachPlaces(attachments).values()].map((place) => attachRowTarget(graph, place));
  const predicting = attachments.some(({ manifest }) => predictsTokens(manifest));
  const hidden = bareOutput(
    model,
    attachments.map(({ manifest }) => manifest),
  );
  const tokens = predicting || hidden === undefined ? languageLogits(model) : undefined;
  const heads = attachHeads(
    builder,
    attachments.map(({ manifest }) => manifest),
    { rows, width: base.hiddenSize },
  );
  builder.graph.output = builder.graph.output.filter(({ name }) =>
    own.has(name) ? tokens !== undefined || name === hidden : heads.some(({ output }) => output === name),
  );
  pruneModel(model);
  return {
    model,
    rows,
    targets,
    whole: [...replaced, ...added],
    heads,
    ...(hidden === undefined ? {} : { hidden }),
    ...(tokens === undefined ? {} : { tokens }),
  };
}

/** Whether an adapter predicts tokens by the base's own head. */
export function predictsTokens({ task }: Pick<Manifest, "task">): boolean {
  return task.type === "causal-language-modelling";
}

/** What rows without a head get: the base's hidden states, or the own output of a network that is trained by it. */
function bareOutput(model: ModelProto, manifests: readonly Manifest[]): string | undefined {
  if (manifests.length > 0 && manifests.every(({ task }) => task.type === "tensors")) return model.graph?.output[0]?.name;
  const needed = manifests.some((manifest) => manifest.task.head !== undefined || !predictsTokens(manifest));
  try {
    return hiddenState(model);
  } catch (cause) {
    if (needed) throw cause;
    return undefined;
  }
}

function attachHeads(
  builder: GraphBuilder,
  manifests: readonly Manifest[],
  { rows, width }: { rows: string; width: number },
): readonly RowHead[] {
  const forms = new Map(manifests.flatMap(({ task: { head } }) => (head === undefined ? [] : [[headForm(head), head] as const])));
  return [...forms.values()].map((head, index) => attachRowHead(builder, { head, index, width, rows }));
}
