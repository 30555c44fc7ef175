import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { type Config, count } from "../config.ts";
import { type Architecture, type Family, hiddenOutput, type Parameter, TEXT_INPUTS } from "../family.ts";
import { LIMITS } from "../limits.ts";
import { additiveMask } from "../parts/attention.ts";
import { EMBEDDINGS, positionsFromStart, sumEmbeddings } from "../parts/embeddings.ts";
import { layerParameters, type LayerModules, type LayerSizes, postNormLayer } from "../parts/encoder-layer.ts";
import { encoderOnly, layerSizes } from "../parts/encoder-sizes.ts";
import { norm, table } from "../parts/parameters.ts";

interface DistilBert extends LayerSizes {
  readonly layers: number;
  readonly vocabSize: number;
  readonly maxLength: number;
}

const MODULES: LayerModules = {
  attention: "attention",
  query: "attention.q_lin",
  key: "attention.k_lin",
  value: "attention.v_lin",
  output: "attention.out_lin",
  attentionNorm: "sa_layer_norm",
  up: "ffn.lin1",
  down: "ffn.lin2",
  outputNorm: "output_layer_norm",
};

/** DistilBERT: BERT's layers without token types. Sinusoidal positions lie in the file like learned ones. */
export const distilbert: Family = {
  name: "distilbert",
  modelTypes: ["distilbert"],
  read(config): Architecture {
    const sizes = readSizes(config);
    return {
      hiddenSize: sizes.hiddenSize,
      maxLength: sizes.maxLength,
      vocabSize: sizes.vocabSize,
      parameters: parameters(sizes),
      inputs: TEXT_INPUTS,
      build: (graph) => [hiddenOutput(forward(graph, sizes), sizes.hiddenSize)],
    };
  },
};

function readSizes(config: Config): DistilBert {
  encoderOnly(config);
  return {
    ...layerSizes(config, { hiddenSize: "dim", intermediateSize: "hidden_dim", heads: "n_heads", activation: "activation" }),
    // Not a switch of DistilBERT: its class has this one.
    epsilon: 1e-12,
    layers: count(config, "n_layers", LIMITS.layers),
    vocabSize: count(config, "vocab_size", LIMITS.rows),
    maxLength: count(config, "max_position_embeddings", LIMITS.rows),
  };
}

function parameters(sizes: DistilBert): Parameter[] {
  const width = sizes.hiddenSize;
  return [
    table(`${EMBEDDINGS}.word_embeddings`, { rows: sizes.vocabSize, width }),
    table(`${EMBEDDINGS}.position_embeddings`, { rows: sizes.maxLength, width }),
    ...norm(`${EMBEDDINGS}.LayerNorm`, width),
    ...paths(sizes).flatMap((path) => layerParameters({ path, modules: MODULES, sizes })),
  ];
}

function forward(graph: CheckpointGraph, sizes: DistilBert): string {
  const mask = additiveMask(graph);
  const sum = sumEmbeddings(graph, [
    graph.embedding("input_ids", `${EMBEDDINGS}.word_embeddings`),
    graph.embedding(positionsFromStart(graph), `${EMBEDDINGS}.position_embeddings`),
  ]);
  const embedded = graph.layerNorm(sum, `${EMBEDDINGS}.LayerNorm`, sizes.epsilon);
  return paths(sizes).reduce((hidden, path) => postNormLayer(graph, hidden, { path, modules: MODULES, sizes, mask }), embedded);
}

function paths({ layers }: DistilBert): string[] {
  return Array.from({ length: layers }, (_, index) => `transformer.layer.${index}`);
}
