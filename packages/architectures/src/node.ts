export { identifyBase } from "./identify-base.ts";
export { openBase, type OpenBaseOptions } from "./open-base.ts";
export { referToFiles } from "./refer-to-files.ts";
export { writeModel } from "./write-model.ts";
