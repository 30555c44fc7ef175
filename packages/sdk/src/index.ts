export type {
  AdapterInput,
  ChatMessage,
  ClassAnswer,
  FitKind,
  GeneratedText,
  GenerateTextOptions,
  LabelsAnswer,
  LoadedAdapter,
  LoadedModel,
  Prediction,
  Prompt,
  Row,
  RunRowsOptions,
  TaskAnswers,
  TextGenerator,
  VectorAnswer,
  WordsAnswer,
  WrittenModel,
} from "@graft/loader/node";
export { BUNDLE_FILE, BundleFile, bundleSchemas } from "./bundle/bundle-file.ts";
export { writeBundle, type BundleOptions, type WrittenBundle } from "./bundle/write-bundle.ts";
export { combine, type CombineInputsOptions } from "./combine.ts";
export { type AdapterGraph, type AttachedGraph, attachGraph, COMBINE_HOW, type CombineHow, mergeGraph } from "@graft/loader/node";
export { load, loadGenerator, type LoadGeneratorOptions, type LoadOptions } from "./load.ts";
export type { AdapterModule } from "./modules/adapter-module.ts";
export { projectAdapter } from "./modules/project-adapter.ts";
export { TYPES_FILE, writeTypes } from "./modules/write-types.ts";
