import { readLines } from "./read-lines.ts";
import type { DataFile, PlacedRecord } from "./record.ts";

/** A text a line; blank lines are skipped. */
export async function* readText(file: DataFile): AsyncGenerator<PlacedRecord> {
  for await (const { text, number } of readLines(file.chunks(), file.name))
    if (text.trim() !== "") yield { place: { file: file.name, line: number }, record: { text } };
}
