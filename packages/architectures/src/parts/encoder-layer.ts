import type { CheckpointGraph } from "../checkpoint-graph.ts";
import type { Parameter } from "../family.ts";
import { type Heads, type Projections, selfAttention } from "./attention.ts";
import { linear, norm } from "./parameters.ts";

/** Sizes of an encoder's layers. */
export interface LayerSizes extends Heads {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly epsilon: number;
  readonly activation: string;
  /** False where query, key and value have no bias. */
  readonly projectionBias?: boolean;
}

/** Modules of a layer, as paths within it. */
export interface LayerModules {
  /** What attention's own nodes are named after. */
  readonly attention: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly attentionNorm: string;
  readonly up: string;
  readonly down: string;
  readonly outputNorm: string;
}

/** Modules of a layer of BERT, which most encoders keep. */
export const BERT_LAYER: LayerModules = {
  attention: "attention.self",
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  output: "attention.output.dense",
  attentionNorm: "attention.output.LayerNorm",
  up: "intermediate.dense",
  down: "output.dense",
  outputNorm: "output.LayerNorm",
};

/** One layer of an encoder. */
export interface Layer {
  /** Its path: "encoder.layer.0". */
  readonly path: string;
  readonly modules: LayerModules;
  readonly sizes: LayerSizes;
  /** Added to the scores; absent where every position may be seen. */
  readonly mask?: string;
  /** Other attention than the usual one: gives [batch, sequence, heads · size]. */
  readonly attention?: (input: string, projections: Projections) => string;
}

/** Parameters of a layer. */
export function layerParameters({ path, modules, sizes }: Layer): Parameter[] {
  const { hiddenSize, intermediateSize, heads, headSize, projectionBias = true } = sizes;
  const projection = { from: hiddenSize, to: heads * headSize, bias: projectionBias };
  return [
    ...[modules.query, modules.key, modules.value].flatMap((module) => linear(`${path}.${module}`, projection)),
    ...linear(`${path}.${modules.output}`, { from: heads * headSize, to: hiddenSize }),
    ...norm(`${path}.${modules.attentionNorm}`, hiddenSize),
    ...linear(`${path}.${modules.up}`, { from: hiddenSize, to: intermediateSize }),
    ...linear(`${path}.${modules.down}`, { from: intermediateSize, to: hiddenSize }),
    ...norm(`${path}.${modules.outputNorm}`, hiddenSize),
  ];
}

/** Attention, then the wide layer, each added to its input and normalised after: as in the first transformer. */
export function postNormLayer(graph: CheckpointGraph, input: string, layer: Layer): string {
  const { path, modules, sizes } = layer;
  const attended = residual(graph, attention(graph, input, layer), { to: input, module: `${path}.${modules.output}` });
  const normal = graph.layerNorm(attended, `${path}.${modules.attentionNorm}`, sizes.epsilon);
  const changed = residual(graph, feedForward(graph, normal, layer), { to: normal, module: `${path}.${modules.down}` });
  return graph.layerNorm(changed, `${path}.${modules.outputNorm}`, sizes.epsilon);
}

/** The same with both inputs normalised before, and the sums left as they are. */
export function preNormLayer(graph: CheckpointGraph, input: string, layer: Layer): string {
  const { path, modules, sizes } = layer;
  const normal = graph.layerNorm(input, `${path}.${modules.attentionNorm}`, sizes.epsilon);
  const attended = residual(graph, attention(graph, normal, layer), { to: input, module: `${path}.${modules.output}` });
  const wide = feedForward(graph, graph.layerNorm(attended, `${path}.${modules.outputNorm}`, sizes.epsilon), layer);
  return residual(graph, wide, { to: attended, module: `${path}.${modules.down}` });
}

function attention(graph: CheckpointGraph, input: string, layer: Layer): string {
  const { path, modules, mask } = layer;
  const { heads, headSize } = layer.sizes;
  const projections = { query: `${path}.${modules.query}`, key: `${path}.${modules.key}`, value: `${path}.${modules.value}` };
  const context =
    layer.attention?.(input, projections) ??
    selfAttention(graph, input, { module: `${path}.${modules.attention}`, projections, mask, heads, headSize });
  return graph.linear(context, `${path}.${modules.output}`);
}

function feedForward(graph: CheckpointGraph, input: string, { path, modules, sizes }: Layer): string {
  const up = `${path}.${modules.up}`;
  return graph.linear(graph.activation(graph.linear(input, up), up, sizes.activation), `${path}.${modules.down}`);
}

/** Named beside the module whose result is added. */
function residual(graph: CheckpointGraph, value: string, { to, module }: { to: string; module: string }): string {
  return graph.op("Add", [value, to], { module: `${module}.residual` });
}
