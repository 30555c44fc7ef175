import { brokenRow, type DataRecord } from "./columns.ts";
import { readLines } from "./read-lines.ts";
import type { DataFile, PlacedRecord } from "./record.ts";

const HINT = 'Write one object a line, as {"text": "…", "label": "…"}';

/** Records of JSON Lines: one object a line; blank lines are skipped. */
export async function* readJsonl(file: DataFile): AsyncGenerator<PlacedRecord> {
  for await (const { text, number } of readLines(file.chunks(), file.name)) {
    if (text.trim() === "") continue;
    const place = { file: file.name, line: number };
    const value = parse(text);
    if (value === undefined) yield { place, fault: brokenRow(place, "it is no JSON", HINT) };
    else if (typeof value !== "object" || value === null || Array.isArray(value))
      yield { place, fault: brokenRow(place, "it is no JSON object", HINT) };
    else yield { place, record: value as DataRecord };
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
