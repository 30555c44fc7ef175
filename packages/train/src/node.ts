export { readInputs, readPrompts, readRows, type DataSource, type RowSource } from "./data/read-rows.ts";
export { openCheckpointFolder, type CheckpointFolder, type CheckpointFolderOptions } from "./checkpoints/checkpoint-folder.ts";
export { runNames } from "./run-from-files.ts";
export { trainFromFiles, type RandomBase, type TrainFileOptions } from "./train-from-files.ts";
export { writeCheckpoint, type CheckpointParts } from "./write-checkpoint.ts";
export { MEMORY_BYTES } from "./data/spilling-store.ts";
export { glueTask, type Split } from "./data/locate-files.ts";
