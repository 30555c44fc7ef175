/** What a code means to a program: the HTTP status a server answers with and the exit status of a command. */
export interface CodeEntry {
  readonly status: number;
  readonly exit: number;
  readonly summary: string;
}

/** Exit statuses: 2 usage, 3 input, 4 does not fit, 5 refused by a registry, 6 environment, 1 our own fault. */
export const CODES = {
  // Usage.
  USAGE: { status: 400, exit: 2, summary: "The arguments do not make sense" },
  // Input that is broken or missing.
  FILE_NOT_FOUND: { status: 404, exit: 3, summary: "A file or folder does not exist" },
  SAFETENSORS_INVALID: { status: 422, exit: 3, summary: "A file breaks the safetensors format" },
  ADAPTER_INVALID: { status: 422, exit: 3, summary: "A file is safetensors, but no adapter that Graft accepts" },
  MANIFEST_INVALID: { status: 422, exit: 3, summary: "A manifest breaks its schema" },
  CONVERT_INVALID: { status: 422, exit: 3, summary: "An adapter of another tool is broken" },
  CONVERT_UNSUPPORTED: { status: 422, exit: 3, summary: "An adapter uses what the other format, or Graft, does not have" },
  ONNX_INVALID: { status: 422, exit: 3, summary: "A file is no ONNX model" },
  ONNX_UNSUPPORTED: { status: 422, exit: 3, summary: "An ONNX model uses what Graft does not support" },
  BASE_INVALID: { status: 422, exit: 3, summary: "A base is neither an ONNX model nor a checkpoint folder" },
  ARCHITECTURE_UNSUPPORTED: { status: 422, exit: 3, summary: "A checkpoint's family or one of its switches is not supported" },
  OPERATOR_WITHOUT_GRADIENT: { status: 422, exit: 3, summary: "An operator on the path to the loss has no gradient rule" },
  TOKENIZER_INVALID: { status: 422, exit: 3, summary: "A tokenizer file is missing or broken" },
  TARGET_NOT_FOUND: { status: 422, exit: 3, summary: "A target pattern matches no matrix of the base" },
  DATA_INVALID: { status: 422, exit: 3, summary: "A row of the data is broken" },
  DATA_EMPTY: { status: 422, exit: 3, summary: "The data has no rows" },
  NOT_FINITE: { status: 422, exit: 3, summary: "A number is NaN or infinite" },
  TRAINING_DIVERGED: { status: 422, exit: 3, summary: "The loss of a training grows instead of falling" },
  CHECKPOINT_INVALID: { status: 422, exit: 3, summary: "A training checkpoint is missing or damaged" },
  LIMIT_EXCEEDED: { status: 413, exit: 3, summary: "Input is larger than its bound" },
  NAME_INVALID: { status: 400, exit: 3, summary: "A name, version, range or digest is not well formed" },
  // Things that do not fit together.
  BASE_MISMATCH: { status: 409, exit: 4, summary: "An adapter was trained on other weights" },
  CHECKPOINT_MISMATCH: { status: 409, exit: 4, summary: "A checkpoint is of another run" },
  DIGEST_MISMATCH: { status: 422, exit: 4, summary: "Bytes do not have the digest they were promised to have" },
  SIGNATURE_INVALID: { status: 422, exit: 4, summary: "A signature is missing, wrong, or by a key that is not trusted" },
  KEY_CHANGED: { status: 409, exit: 4, summary: "A registry signs with a key that the trusted one did not name" },
  NAME_MISMATCH: { status: 409, exit: 4, summary: "An answer is about another adapter or version than was asked for" },
  AUTHOR_MISMATCH: { status: 409, exit: 4, summary: "The author whose key is pinned did not sign" },
  NOT_IN_LOG: { status: 409, exit: 4, summary: "A version is not in the registry's log" },
  LOG_INVALID: { status: 422, exit: 4, summary: "A part of a registry's log is not well formed" },
  LOG_SHRUNK: { status: 409, exit: 4, summary: "A registry's log is shorter than it was" },
  LOG_FORKED: { status: 409, exit: 4, summary: "A registry's log is not the one that was seen before" },
  TAG_REPLAYED: { status: 409, exit: 4, summary: "An answer for a tag or range is older than the log it comes with" },
  VIEW_EXPIRED: { status: 409, exit: 4, summary: "What is shown of a registry is too old, or from the future" },
  GOLDEN_MISMATCH: { status: 422, exit: 4, summary: "A model does not give the outputs recorded in the manifest" },
  LOCK_OUTDATED: { status: 409, exit: 4, summary: "A lock file does not say what the app's graft.json asks for" },
  MERGE_LOSSY: { status: 409, exit: 4, summary: "Rounding would lose an adapter in a merge" },
  MERGED_BASE: { status: 409, exit: 4, summary: "A base already carries a merged adapter" },
  // Answers of a registry.
  NOT_FOUND: { status: 404, exit: 5, summary: "A registry has no such thing" },
  UNAUTHORIZED: { status: 401, exit: 5, summary: "A token is missing, wrong or expired" },
  FORBIDDEN: { status: 403, exit: 5, summary: "A token does not allow this" },
  VERSION_TAKEN: { status: 409, exit: 5, summary: "A version exists with other bytes" },
  STILL_NEEDED: { status: 409, exit: 5, summary: "Somebody depends on what would be taken back" },
  WITHDRAWN: { status: 410, exit: 5, summary: "A version was withdrawn" },
  CONFLICT: { status: 409, exit: 5, summary: "Something changed in between" },
  QUOTA_EXCEEDED: { status: 403, exit: 5, summary: "A scope holds as much as it may" },
  RATE_LIMITED: { status: 429, exit: 6, summary: "Too many requests came from one token or address" },
  SIGN_IN_PENDING: { status: 428, exit: 5, summary: "Nobody has allowed the sign-in yet" },
  BASE_UNKNOWN: { status: 422, exit: 5, summary: "A registry does not know the base of an adapter" },
  RANGE_INVALID: { status: 416, exit: 5, summary: "A range of bytes is not there, or an upload goes on at the wrong place" },
  TOO_SLOW: { status: 408, exit: 6, summary: "A request takes too long to arrive" },
  // The environment.
  REGISTRY_UNREACHABLE: { status: 502, exit: 6, summary: "A registry does not answer" },
  REGISTRY_NOT_SET: { status: 400, exit: 6, summary: "No registry is configured" },
  UNAVAILABLE: { status: 503, exit: 6, summary: "A part that a server needs does not answer for now" },
  READ_FAILED: { status: 502, exit: 6, summary: "Bytes cannot be read from a file or a server" },
  DISK_FULL: { status: 507, exit: 6, summary: "The disk is full" },
  IN_USE: { status: 409, exit: 6, summary: "A folder is in use by another process" },
  OUT_OF_MEMORY: { status: 507, exit: 6, summary: "There is too little memory" },
  NOT_WRITABLE: { status: 500, exit: 6, summary: "A file or folder cannot be written" },
  DEVICE_LOST: { status: 500, exit: 6, summary: "The device that computes went away" },
  DEVICE_UNAVAILABLE: { status: 500, exit: 6, summary: "An execution provider is not available" },
  NODE_TOO_OLD: { status: 500, exit: 6, summary: "This Node is too old" },
  CANCELLED: { status: 499, exit: 130, summary: "The work was cancelled" },
  INTERNAL: { status: 500, exit: 1, summary: "A fault of Graft's own" },
} as const satisfies Record<string, CodeEntry>;

/** Every code that a GraftError can carry. */
export type ErrorCode = keyof typeof CODES;
