export { CODES, type CodeEntry, type ErrorCode } from "./codes.ts";
export { GraftError, isGraftError, type GraftErrorOptions } from "./graft-error.ts";
export { restate } from "./restate.ts";
