export { batchesByLength, padBatch, paddedWidth, shuffle, type EncoderFeeds, type PadOptions } from "./batches.ts";
export { DEVICES, type DeviceEntry } from "./devices.ts";
export type { Device, RunOptions, Session, SessionOptions, SessionPart } from "./session.ts";
export { floatValue, intValue, type ElementArrays, type ElementType, type Feeds, type TensorValue } from "./tensor-value.ts";
export type { SpecialName } from "./tokenizer-json.ts";
export { checkVocabulary, createTokenizer, type EncodeOptions, type Encoding, type Tokenizer, type WordEncoding } from "./tokenizer.ts";
