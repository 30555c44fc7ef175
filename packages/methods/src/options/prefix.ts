/** Positions that are inserted into every row: the prefix before its tokens, the infix after them. */
export interface InsertedPositions {
  /** 8 by default. */
  readonly prefix?: number;
  /** None by default. */
  readonly infix?: number;
  /** Standard deviation at the start; 0.02 by default, as new word embeddings have it. */
  readonly deviation?: number;
}

/** `prefix-embedding` (the LoRA paper's PreEmbed): trained word embeddings at the inserted positions. */
export interface PrefixEmbeddingOptions extends InsertedPositions {
  readonly name: "prefix-embedding";
}

/** `prefix-layer` (PreLayer): what every block reads at the inserted positions is trained. */
export interface PrefixLayerOptions extends InsertedPositions {
  readonly name: "prefix-layer";
}
