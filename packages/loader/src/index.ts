export { checkGolden } from "./golden.ts";
export { predictions, type Prediction } from "./prediction.ts";
export { encodeRows, type Row } from "./rows.ts";
