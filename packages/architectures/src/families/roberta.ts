import { index, unsupported } from "../config.ts";
import { type Architecture, type Family, hiddenOutput, PAIR_INPUTS, TEXT_INPUTS } from "../family.ts";
import { positionsAfterPadding } from "../parts/embeddings.ts";
import { bertEncoder, bertParameters, bertSizes } from "./bert.ts";

/** RoBERTa, XLM-R and CamemBERT: BERT whose positions are counted from the padding's id, and which mostly has one token type. */
export const roberta: Family = {
  name: "roberta",
  modelTypes: ["roberta", "xlm-roberta", "camembert"],
  read(config): Architecture {
    const sizes = bertSizes(config);
    const padId = index(config, "pad_token_id", { fallback: 1, below: sizes.vocabSize });
    const maxLength = sizes.maxPositions - padId - 1;
    if (maxLength < 1) throw unsupported("max_position_embeddings", sizes.maxPositions, `more than pad_token_id ${padId} + 1`);
    const types = sizes.tokenTypes > 1;
    return {
      hiddenSize: sizes.hiddenSize,
      maxLength,
      vocabSize: sizes.vocabSize,
      parameters: bertParameters(sizes),
      inputs: types ? PAIR_INPUTS : TEXT_INPUTS,
      build: (graph) => [
        hiddenOutput(bertEncoder(graph, { sizes, positions: positionsAfterPadding(graph, padId), types }), sizes.hiddenSize),
      ],
    };
  },
};
