/** Positions that are inserted into every row: the prefix before its tokens, the infix after them. */
export interface InsertedPositions {
  /** 2 by default: few learn fastest, and more is for much data. */
  readonly prefix?: number;
  /** None by default. */
  readonly infix?: number;
  /** Standard deviation of a start at random; by default rows start as what the base computes for words that are learnt from. */
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
