export { openBase, type OpenBaseOptions } from "./open-base.ts";
