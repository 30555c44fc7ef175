/** Every bound on a safetensors file, with its reason. */
export const LIMITS = {
  /** JSON header of any file. The reference implementation refuses one byte more. */
  headerBytes: 100_000_000,
  /** Nesting of the JSON. The reference's parser refuses the 128th level. */
  depth: 127,
  /** Findings that are kept; a hostile header could make millions, and nobody reads more. */
  findings: 100,
  /** First request to a server. Headers of real adapters are smaller, so one request reads them. */
  firstRequestBytes: 64 * 1024,
} as const;

/** Stricter bounds, for adapters only: see `checkHeader`. */
export const ADAPTER_LIMITS = {
  /** JSON header. A rank-64 adapter over 2,000 matrices needs about 400 kB, a large manifest as much again. */
  headerBytes: 8 * 2 ** 20,
  /** Tensors. The largest open models have about 2,000 matrices, and an adapter has two or three tensors for each. */
  tensors: 20_000,
  /** Dimensions of one tensor. Convolutions need five; readers reserve fixed space for eight. */
  rank: 8,
  /** Size of one dimension: what a signed 32-bit index reaches. */
  dimension: 2 ** 31 - 1,
  /** Length of a tensor's name. Module paths of real models stay below 150. */
  nameLength: 256,
  /** Entries of `__metadata__`. Graft writes two; other tools write a few dozen. */
  metadataEntries: 256,
} as const;
