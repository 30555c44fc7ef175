export { identifyBase } from "./identify-base.ts";
export { openBase, type OpenBaseOptions } from "./open-base.ts";
