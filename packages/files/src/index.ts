export { fileError } from "./file-error.ts";
export { createFileWhole, writeFileWhole, type FileSink, type WriteOptions } from "./write-file-whole.ts";
export { writeFolderWhole } from "./write-folder-whole.ts";
export { syncFolder } from "./temporary.ts";
