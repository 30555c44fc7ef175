export { canonicalJson } from "./canonical-json.ts";
export type { AdapterFault } from "./check-tensors.ts";
export type { ConvertBase, ConvertHead, ConvertMatrix, ConvertTensor, ConvertValues, ConvertWeights } from "./convert/convert-base.ts";
export { checkedPeftConfig, exportPeft, type ExportedPeft } from "./convert/export-peft.ts";
export { importPeft, type ImportedAdapter } from "./convert/import-peft.ts";
export { importOnnxAdapter } from "./convert/import-onnx-adapter.ts";
export { decodeOnnxAdapter, encodeOnnxAdapter, type OnnxAdapter } from "./convert/onnx-adapter-file.ts";
export { peftConfig, type PeftConfig, type PeftIa3Config, type PeftLoraConfig } from "./convert/peft-config.ts";
export { PEFT_FIELDS, type FieldRule } from "./convert/peft-fields.ts";
export { openPeft, type PeftFile, type PeftPart, type PeftTensor } from "./convert/peft-file.ts";
export { expectedTensors } from "./expected-tensors.ts";
export { Golden, GoldenInputs } from "./golden.ts";
export { Head, HeadLayer } from "./head.ts";
export { jsonSchemas } from "./json-schemas.ts";
export { KEY_PREFIX, loraKeys, type TargetKind, wholeKey } from "./keys.ts";
export { LIMITS } from "./limits.ts";
export { BaseReference, Manifest, MethodReference, Target, Task, WholeTensor } from "./manifest.ts";
export {
  checked,
  compareVersions,
  highestVersion,
  Name,
  nextVersion,
  parseSpecifier,
  Range,
  rangeHolds,
  Tag,
  Version,
  VERSION_STEPS,
  type Specifier,
  type VersionStep,
} from "./names.ts";
export { openAdapter, readManifest, type Adapter } from "./open-adapter.ts";
export { MANIFEST_KEY, packAdapter, type AdapterParts } from "./pack-adapter.ts";
export { checkManifest, parseManifest } from "./parse-manifest.ts";
export { prepareVersion, type PreparedVersion, type VersionFacts } from "./prepare-version.ts";
export { DataReference, TrainingReceipt } from "./receipt.ts";
export { DigestText } from "./scalars.ts";
export { type MethodField, TARGET_LAYOUTS, type TargetForm, type TargetPart, type TargetTensor, targetTensors } from "./target-tensors.ts";
export { digestTensors } from "./tensors-digest.ts";
export { ATTACHMENTS, Evaluation } from "./validate/attachments.ts";
export { validateAdapter, type RecordedBase, type RecordedMatrix, type TargetDelta } from "./validate/validate-adapter.ts";
