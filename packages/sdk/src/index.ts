export type {
  AdapterInput,
  ChatMessage,
  GeneratedText,
  GenerateTextOptions,
  LoadedAdapter,
  LoadedModel,
  Prediction,
  Prompt,
  Row,
  TextGenerator,
  WrittenModel,
} from "@graft/loader/node";
export { BUNDLE_FILE, BundleFile, bundleSchemas } from "./bundle/bundle-file.ts";
export { writeBundle, type BundleOptions, type WrittenBundle } from "./bundle/write-bundle.ts";
export { load, loadGenerator, type LoadGeneratorOptions, type LoadOptions } from "./load.ts";
