export { trainFromFiles, type RandomBase, type TrainFileOptions } from "./train-from-files.ts";
