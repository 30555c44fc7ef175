/** Every bound of the protocol, with its reason. Servers may set lower ones, never higher. */
export const LIMITS = {
  /** One adapter. Rank 64 on every matrix of a 70 B model in float32 is about 3 GB. */
  blobBytes: 4 * 2 ** 30,
  /** A JSON body. The matrix list of a base with 10,000 matrices takes about 2 MB. */
  bodyBytes: 8 * 2 ** 20,
  /** Matrices of a base. A mixture of experts with 128 experts in 64 layers has about 25,000. */
  matrices: 50_000,
  /** Files of a base. Llama 405 B comes in 191 parts. */
  files: 1_000,
  /** Parts of an upload straight into a store; S3 has the same bound. */
  parts: 10_000,
  /** A page of a list: CVE-2023-2253 was a list without this bound. */
  pageSize: 100,
  /** What a list gives when nobody says how many. */
  pageSizeDefault: 20,
  /** Search text; nobody types more. */
  queryLength: 200,
  /** Values of one filter of a search. */
  filterValues: 20,
  /** Days of downloads that are listed at once. */
  downloadDays: 366,
  /** A cursor is a name or a number in base64url. */
  cursorLength: 400,
  /** Why a version is deprecated or withdrawn: one sentence on a terminal. */
  messageLength: 500,
  /** A free text such as a token's label. */
  labelLength: 100,
  /** Name patterns of one token. */
  patterns: 50,
  /** Ranges of addresses of one token. */
  ranges: 20,
  /** A password: NIST SP 800-63B wants 8 at least and more where nothing else is asked for; what is longer than the most is hashed no better. */
  passwordLeast: 12,
  passwordMost: 200,
  /** A code or cookie: 32 random bytes in base64url, with a prefix. */
  secretLength: 100,
  /** A workload's OpenID Connect token; those of large forges have about 2 kB. */
  workloadTokenLength: 16_384,
  /** A token lives at most two years. */
  tokenDays: 730,
} as const;
