import { DTYPES, isDtype, type Dtype } from "./dtypes.ts";
import type { Finding } from "./finding.ts";
import { quote } from "./invalid.ts";
import { JsonReader } from "./json-reader.ts";
import { LIMITS } from "./limits.ts";

/** An integer of the header: exact, so a bigint above 2^53. */
export type Unsigned = number | bigint;

/** A tensor entry as it is written, not yet checked against the others. */
export interface TensorEntry {
  readonly dtype: Dtype;
  readonly shape: readonly Unsigned[];
  readonly begin: Unsigned;
  readonly end: Unsigned;
}

/** The header's JSON, and what an adapter may not do although the reference lets it. */
export interface HeaderJson {
  readonly metadata: Map<string, string>;
  readonly entries: Map<string, TensorEntry>;
  readonly findings: Finding[];
}

/** Reads the header's JSON exactly as the reference does: of two entries with one name, the last counts. */
export function parseHeaderJson(text: string): HeaderJson {
  const reader = new JsonReader(text);
  const header: HeaderJson = { metadata: new Map(), entries: new Map(), findings: [] };
  const find = (rule: Finding["rule"], message: string, tensor?: string): void => {
    if (header.findings.length < LIMITS.findings) header.findings.push({ rule, message, ...(tensor === undefined ? {} : { tensor }) });
  };
  let metadataSeen = false;
  if (reader.peek() !== "object") throw reader.error("the header is no JSON object");
  if (reader.position > 0) find("leading-space", "white space comes before the header's JSON");
  reader.object((name) => {
    if (name === "__metadata__") {
      if (metadataSeen) throw reader.error("__metadata__ comes twice");
      metadataSeen = true;
      readMetadata(reader, header.metadata, find);
      return;
    }
    if (header.entries.has(name)) find("duplicate-name", `the tensor ${quote(name)} is listed twice`, name);
    const entry = readEntry(reader, (rule, message) => find(rule, `the tensor ${quote(name)} ${message}`, name));
    header.entries.set(name, entry);
  });
  const padding = text.slice(reader.position);
  reader.end();
  if (!/^ {0,7}$/.test(padding)) find("padding", "more than seven spaces, or other white space, follow the header's JSON");
  return header;
}

function readMetadata(reader: JsonReader, metadata: Map<string, string>, find: (rule: Finding["rule"], message: string) => void): void {
  if (reader.peek() === "word") {
    reader.null();
    find("unusual-entry", "__metadata__ is null");
    return;
  }
  if (reader.peek() !== "object") throw reader.error("__metadata__ is no object");
  reader.object((key) => {
    if (reader.peek() !== "string") throw reader.error(`the value of ${quote(key)} in __metadata__ is no string`);
    if (metadata.has(key)) find("duplicate-metadata-key", `the key ${quote(key)} of __metadata__ comes twice`);
    metadata.set(key, reader.string());
  });
}

type Report = (rule: Finding["rule"], message: string) => void;
type Fields = { dtype?: Dtype; shape?: readonly Unsigned[]; offsets?: readonly [Unsigned, Unsigned] };

function readEntry(reader: JsonReader, report: Report): TensorEntry {
  const fields: Fields = {};
  const kind = reader.peek();
  if (kind === "array") readEntryArray(reader, fields, report);
  else if (kind === "object") readEntryObject(reader, fields, report);
  else throw reader.error("a tensor's entry is no object");
  const { dtype, shape, offsets } = fields;
  if (dtype === undefined) throw reader.error("a tensor has no dtype");
  if (shape === undefined) throw reader.error("a tensor has no shape");
  if (offsets === undefined) throw reader.error("a tensor has no data_offsets");
  return { dtype, shape, begin: offsets[0], end: offsets[1] };
}

function readEntryObject(reader: JsonReader, fields: Fields, report: Report): void {
  const once = (seen: unknown, field: string): void => {
    if (seen !== undefined) throw reader.error(`a tensor's ${field} comes twice`);
  };
  reader.object((field) => {
    if (field === "dtype") {
      once(fields.dtype, field);
      fields.dtype = readDtype(reader, report);
    } else if (field === "shape") {
      once(fields.shape, field);
      fields.shape = readIntegers(reader);
    } else if (field === "data_offsets") {
      once(fields.offsets, field);
      fields.offsets = readOffsets(reader);
    } else {
      report("unknown-field", `has the unknown field ${quote(field)}`);
      reader.skip();
    }
  });
}

/** The reference's parser also takes an entry as `[dtype, shape, data_offsets]`. */
function readEntryArray(reader: JsonReader, fields: Fields, report: Report): void {
  report("unusual-entry", "is written as an array");
  let index = 0;
  reader.array(() => {
    if (index === 0) fields.dtype = readDtype(reader, report);
    else if (index === 1) fields.shape = readIntegers(reader);
    else if (index === 2) fields.offsets = readOffsets(reader);
    else throw reader.error("a tensor's entry has more than three parts");
    index += 1;
  });
}

/** The reference's parser also takes a dtype as `{"F32": null}`. */
function readDtype(reader: JsonReader, report: Report): Dtype {
  let name: string | undefined;
  const kind = reader.peek();
  if (kind === "string") {
    name = reader.string();
  } else if (kind === "object") {
    report("unusual-entry", "writes its dtype as an object");
    reader.object((key) => {
      if (name !== undefined) throw reader.error("a dtype has two names");
      name = key;
      reader.null();
    });
  }
  if (name === undefined) throw reader.error("a dtype is no string");
  if (!isDtype(name)) throw reader.error(`the dtype ${quote(name)} is unknown, want one of ${Object.keys(DTYPES).join(", ")}`);
  return name;
}

function readIntegers(reader: JsonReader): Unsigned[] {
  if (reader.peek() !== "array") throw reader.error("want an array of unsigned integers");
  const integers: Unsigned[] = [];
  reader.array(() => integers.push(reader.unsigned()));
  return integers;
}

function readOffsets(reader: JsonReader): readonly [Unsigned, Unsigned] {
  const [begin, end, ...rest] = readIntegers(reader);
  if (begin === undefined || end === undefined || rest.length > 0) throw reader.error("data_offsets has not exactly two integers");
  return [begin, end];
}
