export { canonicalJson } from "./canonical-json.ts";
export type { AdapterFault } from "./check-tensors.ts";
export { expectedTensors } from "./expected-tensors.ts";
export { Golden, GoldenInputs } from "./golden.ts";
export { Head, HeadLayer } from "./head.ts";
export { jsonSchemas } from "./json-schemas.ts";
export { KEY_PREFIX, loraKeys, wholeKey } from "./keys.ts";
export { LIMITS } from "./limits.ts";
export { BaseReference, Manifest, MethodReference, Target, Task, WholeTensor } from "./manifest.ts";
export {
  compareVersions,
  highestVersion,
  Name,
  parseName,
  parseSpecifier,
  parseVersion,
  Range,
  Tag,
  Version,
  type Specifier,
} from "./names.ts";
export { openAdapter, readManifest, type Adapter } from "./open-adapter.ts";
export { MANIFEST_KEY, packAdapter, type AdapterParts } from "./pack-adapter.ts";
export { checkManifest, parseManifest } from "./parse-manifest.ts";
export { peftConfig, type PeftConfig } from "./peft-config.ts";
export { DataReference, TrainingReceipt } from "./receipt.ts";
export { DigestText } from "./scalars.ts";
export { digestTensors } from "./tensors-digest.ts";
