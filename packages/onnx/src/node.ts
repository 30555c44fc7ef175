export { folderWeights } from "./folder-weights.ts";
export { openModelFile, type ModelFile } from "./model-file.ts";
