export { predictions, type Prediction, type Row } from "@graft/loader";
