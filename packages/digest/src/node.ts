export { hashFile } from "./hash-file.ts";
