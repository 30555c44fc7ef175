import { AddedInputs } from "../added.ts";
import { findJoints } from "../block-joints.ts";
import { findBlocks } from "../blocks.ts";
import { taskModule } from "../families.ts";
import { insertPositions, replaceInserted } from "../inserted-positions.ts";
import { finishEdits } from "../interpose.ts";
import type { Method } from "../method.ts";
import type { PrefixLayerOptions } from "../options/prefix.ts";
import { insertedReference, insertedRows, insertedSizes, startFromWords, trainedRows } from "../prefix-tensors.ts";

/**
 * PreLayer (arXiv 2106.09685 §5.1): at the inserted positions, what each block reads is not what the layers before it computed
 * but trained. That is one set per block: the embeddings' and those after every block but the last, whose nobody reads.
 */
export const prefixLayer: Method<PrefixLayerOptions> = {
  name: "prefix-layer",
  description: "Trained activations before and after each row, anew for every block; the base stays frozen",
  learningRate: 6e-2,
  headRate: 0.05,
  changesAtStart: "attention sees the inserted positions from the first step on",
  unmergeable: "its trained positions are inserted into every row, and no weight of the base stands for them",

  plan({ model, hiddenSize }, options, prefix) {
    const sizes = insertedSizes(options);
    return {
      method: { name: "prefix-layer", ...insertedReference(options) },
      targets: [],
      trainables: findJoints(model).flatMap(({ module }) =>
        insertedRows(promptOf(taskModule(module, prefix)), { ...sizes, width: hiddenSize, options }),
      ),
    };
  },

  prepare: (plan, base) =>
    startFromWords(
      plan,
      findJoints(base.model).map(({ module, input }) => ({ module: promptOf(module), value: input })),
      base,
    ),

  inject(builder, { method, trainables, head }) {
    const blocks = findJoints(builder.model);
    const sizes = insertedSizes(method);
    const graph = insertPositions(builder, sizes, { pooling: head?.pooling });
    const inputs = new AddedInputs(builder, trainables);
    for (const { module, input } of blocks) replaceInserted(builder, input, { graph, rows: trainedRows(inputs, promptOf(module), sizes) });
    finishEdits(builder);
  },

  count: ({ matrices, hiddenSize }, options) => {
    const { prefix, infix } = insertedSizes(options);
    return findBlocks(matrices.map(({ module }) => module)).count * hiddenSize * (prefix + infix);
  },

  positions: (method) => {
    const { prefix, infix } = insertedSizes(method);
    return prefix + infix;
  },
};

function promptOf(block: string): string {
  return `${block}.prompt`;
}
