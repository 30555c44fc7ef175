import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { choice, type Config, count } from "../config.ts";
import { type Architecture, type Family, hiddenOutput, PAIR_INPUTS, type Parameter } from "../family.ts";
import { LIMITS } from "../limits.ts";
import { additiveMask } from "../parts/attention.ts";
import { EMBEDDINGS, positionsFromStart, sumEmbeddings, typeEmbeddings } from "../parts/embeddings.ts";
import { BERT_LAYER, layerParameters, type LayerSizes, postNormLayer } from "../parts/encoder-layer.ts";
import { encoderOnly, layerSizes } from "../parts/encoder-sizes.ts";
import { linear, norm, optional, table } from "../parts/parameters.ts";

/** Sizes of a BERT. */
export interface BertSizes extends LayerSizes {
  readonly layers: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly tokenTypes: number;
}

/** BERT: post-normalised encoder with learned absolute positions and token types. */
export const bert: Family = {
  name: "bert",
  modelTypes: ["bert"],
  read(config): Architecture {
    const sizes = bertSizes(config);
    return {
      hiddenSize: sizes.hiddenSize,
      maxLength: sizes.maxPositions,
      vocabSize: sizes.vocabSize,
      parameters: [...bertParameters(sizes), ...optional(linear("pooler.dense", { from: sizes.hiddenSize, to: sizes.hiddenSize }))],
      inputs: PAIR_INPUTS,
      build(graph) {
        const hidden = bertEncoder(graph, { sizes, positions: positionsFromStart(graph), types: true });
        graph.carry(["pooler.dense.weight", "pooler.dense.bias"]);
        return [hiddenOutput(hidden, sizes.hiddenSize)];
      },
    };
  },
};

/** What BERT and its kin read from config.json. */
export function bertSizes(config: Config): BertSizes {
  encoderOnly(config);
  choice(config, "position_embedding_type", { fallback: "absolute", from: ["absolute"] });
  return {
    ...layerSizes(config),
    layers: count(config, "num_hidden_layers", LIMITS.layers),
    vocabSize: count(config, "vocab_size", LIMITS.rows),
    maxPositions: count(config, "max_position_embeddings", LIMITS.rows),
    tokenTypes: count(config, "type_vocab_size", LIMITS.rows),
  };
}

/** Tensors of BERT and its kin. */
export function bertParameters(sizes: BertSizes): Parameter[] {
  const { hiddenSize: width, layers, vocabSize, maxPositions, tokenTypes } = sizes;
  return [
    table(`${EMBEDDINGS}.word_embeddings`, { rows: vocabSize, width }),
    table(`${EMBEDDINGS}.position_embeddings`, { rows: maxPositions, width }),
    table(`${EMBEDDINGS}.token_type_embeddings`, { rows: tokenTypes, width }),
    ...norm(`${EMBEDDINGS}.LayerNorm`, width),
    ...paths(layers).flatMap((path) => layerParameters({ path, modules: BERT_LAYER, sizes })),
  ];
}

/** Word + type + position, normalised, then the layers: the last hidden state of BERT and its kin. `positions` are int64. */
export function bertEncoder(graph: CheckpointGraph, options: { sizes: BertSizes; positions: string; types: boolean }): string {
  const { sizes, positions, types } = options;
  const mask = additiveMask(graph);
  const sum = sumEmbeddings(graph, [
    graph.embedding("input_ids", `${EMBEDDINGS}.word_embeddings`),
    typeEmbeddings(graph, { fed: types }),
    graph.embedding(positions, `${EMBEDDINGS}.position_embeddings`),
  ]);
  const embedded = graph.layerNorm(sum, `${EMBEDDINGS}.LayerNorm`, sizes.epsilon);
  return paths(sizes.layers).reduce((hidden, path) => postNormLayer(graph, hidden, { path, modules: BERT_LAYER, sizes, mask }), embedded);
}

function paths(layers: number): string[] {
  return Array.from({ length: layers }, (_, index) => `encoder.layer.${index}`);
}
