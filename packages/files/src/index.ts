export { fileError } from "./file-error.ts";
export { holdFolder, isHeld, LOCK_FILE } from "./hold-folder.ts";
export { createFileWhole, writeFileWhole, type FileSink, type WriteOptions } from "./write-file-whole.ts";
export { writeFilesWhole } from "./write-files-whole.ts";
export { writeFolderWhole } from "./write-folder-whole.ts";
export { syncFolder } from "./temporary.ts";
