export { openModelFile, type ModelFile } from "./model-file.ts";
