export type { AdapterInput, LoadedAdapter, LoadedModel, Prediction, Row, WrittenModel } from "@graft/loader/node";
export { load, type LoadOptions } from "./load.ts";
