/** Every bound on a manifest and on names, with its reason. Bounds on tensors are the safetensors package's ADAPTER_LIMITS. */
export const LIMITS = {
  /** Manifest as JSON, in bytes. 2,000 targets take about 500 kB; the header that carries it may have 8 MiB. */
  manifestBytes: 4 * 2 ** 20,
  /** Scope of a name, as GitHub bounds its users. */
  scopeLength: 39,
  /** Name after the scope. npm allows 214 for both. */
  nameLength: 100,
  /** Version; semver itself has no bound. */
  versionLength: 64,
  /** Range or tag of a request. */
  rangeLength: 128,
  /** Description: two sentences, shown in a list of search results. */
  descriptionLength: 500,
  /** One keyword, and how many: what a page can show. */
  keywordLength: 40,
  keywords: 20,
  /** Languages that an adapter knows: the largest translators know about 200. */
  languages: 256,
  /** Short texts: a licence identifier, a base's name, a revision, a file's name, a program's name. */
  textLength: 200,
  /** Module path of a tensor; with its prefix and suffix it stays below a tensor name's 256. */
  moduleLength: 200,
  /** Expression that selects modules. Lists of alternatives are written as lists. */
  patternLength: 4_000,
  /** Targets, and whole tensors. The largest open models have about 2,000 matrices. */
  targets: 10_000,
  tensors: 10_000,
  /** Weight files of a base. The largest open models are split into fewer than 300. */
  baseFiles: 1_000,
  /** Labels of a classifier. ImageNet-21k has 21,841. */
  labels: 100_000,
  /** Length of one label. */
  labelLength: 200,
  /** Dense layers of a head. Known heads have one or two. */
  headLayers: 8,
  /** A dimension: what a signed 32-bit index reaches. */
  dimension: 2 ** 31 - 1,
  /** Scale and alpha: real ones stay below 100; far beyond, a merge drowns the base. */
  scale: 65_536,
  /** ‖ΔW‖ / ‖W‖ of a published delta. Below, float32 loses it in a merge; trained ones stay below 1, and beyond 10 little of the base is left. */
  deltaRatio: { least: 1e-8, most: 10 },
  /** A README beside an adapter; larger ones are books. Results of an evaluation are a table. */
  readmeBytes: 512 * 1024,
  evaluationBytes: 256 * 1024,
  /** Options of a method, hyper-parameters, metrics, hardware facts: entries of each. */
  entries: 100,
  /** Adapters that one was combined of: sums of more than a few say little of each. */
  parents: 100,
  /** Golden cases, numbers in one case, tokens or characters of one input: a spot check, not a test set. */
  goldenCases: 16,
  goldenOutputs: 64,
  goldenTokens: 4_096,
  goldenCharacters: 10_000,
} as const;
