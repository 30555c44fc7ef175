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
export { load, loadGenerator, type LoadGeneratorOptions, type LoadOptions } from "./load.ts";
