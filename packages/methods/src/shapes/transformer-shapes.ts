import type { BaseShapes, MatrixShape, WeightShape } from "../base-shapes.ts";

/** Sizes of a transformer of the usual form: four square attention matrices and two dense layers a block, all with biases. */
export interface TransformerSize {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Width between the two dense layers; four times the width by default. */
  readonly inner?: number;
  readonly vocabulary: number;
  readonly positions: number;
  /** Rows of the table of segments; none by default. */
  readonly types?: number;
}

const ATTENTION = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"];

/** The shapes of a transformer, its modules named as BERT's: what the LoRA paper counts over, query, key and value each a matrix of its own. */
export function transformerShapes({ layers, width, inner = 4 * width, vocabulary, positions, types = 0 }: TransformerSize): BaseShapes {
  const matrices: MatrixShape[] = [];
  const weights: WeightShape[] = [];
  const table = (module: string, rows: number): void => {
    matrices.push({ module, operator: "Gather", input: "ids", in: rows, out: width });
    weights.push({ module, part: "weight", shape: [rows, width] });
  };
  const dense = (module: string, columns: number, out: number): void => {
    matrices.push({ module, operator: "MatMul", input: "x", in: columns, out });
    weights.push({ module, part: "weight", shape: [out, columns] }, { module, part: "bias", shape: [out] });
  };
  const norm = (module: string): void => {
    weights.push({ module, part: "weight", shape: [width] }, { module, part: "bias", shape: [width] });
  };
  table("bert.embeddings.word_embeddings", vocabulary);
  table("bert.embeddings.position_embeddings", positions);
  if (types > 0) table("bert.embeddings.token_type_embeddings", types);
  norm("bert.embeddings.LayerNorm");
  for (let layer = 0; layer < layers; layer++) {
    const block = `bert.encoder.layer.${layer}`;
    for (const name of ATTENTION) dense(`${block}.${name}`, width, width);
    norm(`${block}.attention.output.LayerNorm`);
    dense(`${block}.intermediate.dense`, width, inner);
    dense(`${block}.output.dense`, inner, width);
    norm(`${block}.output.LayerNorm`);
  }
  return { matrices, weights, hiddenSize: width };
}

/** Models whose sizes are known by name, those of the LoRA paper among them. */
export const KNOWN_SIZES: Readonly<Record<string, TransformerSize>> = {
  "bert-base": { layers: 12, width: 768, heads: 12, vocabulary: 30_522, positions: 512, types: 2 },
  "bert-large": { layers: 24, width: 1024, heads: 16, vocabulary: 30_522, positions: 512, types: 2 },
  "roberta-base": { layers: 12, width: 768, heads: 12, vocabulary: 50_265, positions: 514, types: 1 },
  "roberta-large": { layers: 24, width: 1024, heads: 16, vocabulary: 50_265, positions: 514, types: 1 },
  "deberta-v2-xxlarge": { layers: 48, width: 1536, heads: 24, vocabulary: 128_100, positions: 512 },
  gpt2: { layers: 12, width: 768, heads: 12, vocabulary: 50_257, positions: 1024 },
  "gpt2-medium": { layers: 24, width: 1024, heads: 16, vocabulary: 50_257, positions: 1024 },
  "gpt2-large": { layers: 36, width: 1280, heads: 20, vocabulary: 50_257, positions: 1024 },
  "gpt2-xl": { layers: 48, width: 1600, heads: 25, vocabulary: 50_257, positions: 1024 },
  "gpt3-175b": { layers: 96, width: 12_288, heads: 96, vocabulary: 50_257, positions: 2048 },
};
