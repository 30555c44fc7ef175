import type { CheckpointGraph } from "../checkpoint-graph.ts";
import { type Architecture, type Family, hiddenOutput, PAIR_INPUTS, type Parameter, TEXT_INPUTS } from "../family.ts";
import { additiveMask } from "../parts/attention.ts";
import { disentangledAttention, relativeEmbeddings, relativePlaces } from "../parts/disentangled-attention.ts";
import { EMBEDDINGS, positionsFromStart, sumEmbeddings, typeEmbeddings } from "../parts/embeddings.ts";
import { type LayerModules, layerParameters, postNormLayer } from "../parts/encoder-layer.ts";
import { linear, norm, table } from "../parts/parameters.ts";
import { type DebertaSizes, debertaSizes } from "./deberta-sizes.ts";

const MODULES: LayerModules = {
  attention: "attention.self",
  query: "attention.self.query_proj",
  key: "attention.self.key_proj",
  value: "attention.self.value_proj",
  output: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  up: "intermediate.dense",
  down: "output.dense",
  outputNorm: "output.LayerNorm",
};

/** DeBERTa-v2 and v3: BERT whose attention also scores how far positions lie apart (https://arxiv.org/abs/2006.03654). */
export const debertaV2: Family = {
  name: "deberta-v2",
  modelTypes: ["deberta-v2"],
  read(config): Architecture {
    const sizes = debertaSizes(config);
    return {
      hiddenSize: sizes.hiddenSize,
      maxLength: sizes.maxPositions,
      vocabSize: sizes.vocabSize,
      parameters: parameters(sizes),
      inputs: sizes.tokenTypes > 1 ? PAIR_INPUTS : TEXT_INPUTS,
      build: (graph) => [hiddenOutput(forward(graph, sizes), sizes.hiddenSize)],
    };
  },
  lost(config, uses) {
    const sizes = debertaSizes(config);
    const { sharedKey = false, contentToPosition = false, positionToContent = false } = sizes.relative ?? {};
    const shared = [...(contentToPosition ? [MODULES.key] : []), ...(positionToContent ? [MODULES.query] : [])];
    const folded = paths(sizes)
      .flatMap((path) => (sharedKey ? shared.map((module) => `${path}.${module}`) : []))
      .find((module) => uses(module) === 1);
    return folded && `what "${folded}" makes of distances was folded into a constant, which an adapter of it would not reach`;
  },
};

function parameters(sizes: DebertaSizes): Parameter[] {
  const { hiddenSize, embeddingSize: width, relative, convolution } = sizes;
  return [
    table(`${EMBEDDINGS}.word_embeddings`, { rows: sizes.vocabSize, width }),
    ...(sizes.positionBiased ? [table(`${EMBEDDINGS}.position_embeddings`, { rows: sizes.maxPositions, width })] : []),
    ...(sizes.tokenTypes > 0 ? [table(`${EMBEDDINGS}.token_type_embeddings`, { rows: sizes.tokenTypes, width })] : []),
    ...(width === hiddenSize ? [] : linear(`${EMBEDDINGS}.embed_proj`, { from: width, to: hiddenSize, bias: false })),
    ...norm(`${EMBEDDINGS}.LayerNorm`, hiddenSize),
    ...(relative === undefined ? [] : [table("encoder.rel_embeddings", { rows: 2 * relative.span, width: hiddenSize })]),
    ...(relative?.normalised === true ? norm("encoder.LayerNorm", hiddenSize) : []),
    ...(convolution === undefined
      ? []
      : [
          {
            name: "encoder.conv.conv.weight",
            shape: [hiddenSize, hiddenSize / convolution.groups, convolution.kernel],
            kind: "matrix" as const,
          },
          { name: "encoder.conv.conv.bias", shape: [hiddenSize], kind: "bias" as const },
          ...norm("encoder.conv.LayerNorm", hiddenSize),
        ]),
    ...paths(sizes).flatMap((path) => [...layerParameters({ path, modules: MODULES, sizes }), ...positionParameters(path, sizes)]),
  ];
}

/** Projections of the distances, where they are not those of the words. */
function positionParameters(path: string, { hiddenSize, relative }: DebertaSizes): Parameter[] {
  if (relative === undefined || relative.sharedKey) return [];
  const square = { from: hiddenSize, to: hiddenSize };
  return [
    ...(relative.contentToPosition ? linear(`${path}.attention.self.pos_key_proj`, square) : []),
    ...(relative.positionToContent ? linear(`${path}.attention.self.pos_query_proj`, square) : []),
  ];
}

function forward(graph: CheckpointGraph, sizes: DebertaSizes): string {
  const embedded = embed(graph, sizes);
  const mask = additiveMask(graph);
  const { relative } = sizes;
  const distances =
    relative === undefined
      ? undefined
      : { rows: relativeEmbeddings(graph, { relative, epsilon: sizes.epsilon }), places: relativePlaces(graph, { relative, sizes }) };
  let hidden = embedded;
  for (const [index, path] of paths(sizes).entries()) {
    const module = `${path}.${MODULES.attention}`;
    const scoreParts = sizes.scoreParts;
    hidden = postNormLayer(graph, hidden, {
      path,
      modules: MODULES,
      sizes,
      attention: (input, projections) =>
        disentangledAttention(graph, input, { module, projections, mask, sizes, scoreParts, relative, distances }),
    });
    if (index === 0) hidden = convolve(graph, { embedded, hidden, sizes });
  }
  return hidden;
}

/** Words, and what of positions and types the model adds to them; padding is zero, which a convolution sees. */
function embed(graph: CheckpointGraph, sizes: DebertaSizes): string {
  const parts = [graph.embedding("input_ids", `${EMBEDDINGS}.word_embeddings`)];
  if (sizes.positionBiased) parts.push(graph.embedding(positionsFromStart(graph), `${EMBEDDINGS}.position_embeddings`));
  if (sizes.tokenTypes > 0) parts.push(typeEmbeddings(graph, { fed: sizes.tokenTypes > 1 }));
  const sum = sumEmbeddings(graph, parts);
  const wide = sizes.embeddingSize === sizes.hiddenSize ? sum : graph.linear(sum, `${EMBEDDINGS}.embed_proj`);
  const normal = graph.layerNorm(wide, `${EMBEDDINGS}.LayerNorm`, sizes.epsilon);
  if (sizes.convolution === undefined) return normal;
  const kept = graph.op("Cast", ["attention_mask"], { module: EMBEDDINGS, attributes: { to: 1 } });
  const column = graph.op("Unsqueeze", [kept, graph.builder.int([2])], { module: EMBEDDINGS });
  return graph.op("Mul", [normal, column], { module: EMBEDDINGS });
}

/** Adds a convolution of the embeddings to what the first layer gives. */
function convolve(graph: CheckpointGraph, options: { embedded: string; hidden: string; sizes: DebertaSizes }): string {
  const { embedded, hidden, sizes } = options;
  const { convolution } = sizes;
  if (convolution === undefined) return hidden;
  const module = "encoder.conv.conv";
  const turn = (value: string): string => graph.op("Transpose", [value], { module, attributes: { perm: [0, 2, 1] } });
  const margin = (convolution.kernel - 1) / 2;
  const mixed = graph.op("Conv", [turn(embedded), graph.parameter(`${module}.weight`), graph.parameter(`${module}.bias`)], {
    module,
    attributes: { group: convolution.groups, kernel_shape: [convolution.kernel], pads: [margin, margin] },
  });
  const active = graph.activation(turn(mixed), module, convolution.activation);
  return graph.layerNorm(graph.op("Add", [hidden, active], { module }), "encoder.conv.LayerNorm", sizes.epsilon);
}

function paths({ layers }: DebertaSizes): string[] {
  return Array.from({ length: layers }, (_, index) => `encoder.layer.${index}`);
}
