export { DEVICES, type DeviceEntry } from "./devices.ts";
export type { Device, RunOptions, Session, SessionOptions } from "./session.ts";
export { floatValue, intValue, type ElementArrays, type ElementType, type Feeds, type TensorValue } from "./tensor-value.ts";
