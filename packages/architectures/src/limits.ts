/** Bounds on what a checkpoint's config.json may ask for. A hostile file must not make us build for hours. */
export const LIMITS = {
  /** config.json and index files. Real ones have at most a few hundred kilobytes, label lists included. */
  configBytes: 16 * 2 ** 20,
  /** Layers. The deepest published encoders have 48, decoders about 130. */
  layers: 1024,
  /** Hidden and intermediate sizes. The widest published models have about 53,000. */
  width: 2 ** 18,
  /** Attention heads. */
  heads: 2 ** 12,
  /** Vocabulary and positions; ids are int64, tables are checked against the file. */
  rows: 2 ** 24,
  /** Distances of relative attention, which are written into the graph as a table. Published models have 512. */
  relativePositions: 2 ** 16,
  /** Width of a convolution over positions. */
  kernel: 2 ** 10,
  /** Pixels along one side of an image. */
  pixels: 2 ** 14,
  /** Channels of an image. */
  channels: 2 ** 10,
} as const;
