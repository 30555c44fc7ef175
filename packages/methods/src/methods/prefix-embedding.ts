import { AddedInputs } from "../added.ts";
import { taskModule } from "../families.ts";
import { wordGather } from "../hidden-state.ts";
import { insertPositions, replaceInserted } from "../inserted-positions.ts";
import { finishEdits } from "../interpose.ts";
import type { Method } from "../method.ts";
import type { PrefixEmbeddingOptions } from "../options/prefix.ts";
import { insertedReference, insertedRows, insertedSizes, startFromWords, trainedRows } from "../prefix-tensors.ts";

/** Where the rows stand, beside the base's own modules. */
const PROMPT = "prompt";

/** PreEmbed (arXiv 2106.09685 §5.1): trained word embeddings at positions that the vocabulary knows nothing of. */
export const prefixEmbedding: Method<PrefixEmbeddingOptions> = {
  name: "prefix-embedding",
  description: "Trained word embeddings before and after each row; the base stays frozen",
  learningRate: 1e-2,
  headRate: 0.3,
  changesAtStart: "attention sees the inserted positions from the first step on",
  unmergeable: "its trained positions are inserted into every row, and no weight of the base stands for them",

  plan({ hiddenSize }, options, prefix) {
    const sizes = insertedSizes(options);
    return {
      method: { name: "prefix-embedding", ...insertedReference(options) },
      targets: [],
      trainables: insertedRows(taskModule(PROMPT, prefix), { ...sizes, width: hiddenSize, options }),
    };
  },

  prepare: (plan, base) =>
    startFromWords(
      plan,
      base.model.graph === undefined ? [] : [{ module: PROMPT, value: wordGather(base.model.graph).output[0] ?? "" }],
      base,
    ),

  inject(builder, { method, trainables, head }) {
    const gather = wordGather(builder.graph);
    const sizes = insertedSizes(method);
    const graph = insertPositions(builder, sizes, { pooling: head?.pooling });
    const rows = trainedRows(new AddedInputs(builder, trainables), PROMPT, sizes);
    replaceInserted(builder, gather.output[0] ?? "", { graph, rows });
    finishEdits(builder);
  },

  count: ({ hiddenSize }, options) => {
    const { prefix, infix } = insertedSizes(options);
    return hiddenSize * (prefix + infix);
  },

  positions: (method) => {
    const { prefix, infix } = insertedSizes(method);
    return prefix + infix;
  },
};
