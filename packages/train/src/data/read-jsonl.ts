import { brokenRow, type Columns, labelledRow } from "./columns.ts";
import type { LabelledRow } from "./labelled-row.ts";
import { readLines } from "./read-lines.ts";

/** Labelled rows of JSON Lines: one object a line; blank lines are skipped. DATA_INVALID with the line. */
export async function* readJsonl(
  chunks: AsyncIterable<Uint8Array>,
  options: { file: string; columns?: Columns },
): AsyncGenerator<LabelledRow> {
  const { file, columns = {} } = options;
  for await (const { text, number } of readLines(chunks, file)) {
    const json = number === 1 ? text.replace(/^\ufeff/, "") : text;
    if (json.trim() === "") continue;
    yield labelledRow(parseObject(json, { file, line: number }), columns, { file, line: number });
  }
}

function parseObject(json: string, place: { file: string; line: number }): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw brokenRow(place, "it is no JSON", 'Write one object a line, as {"text": "…", "label": "…"}');
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw brokenRow(place, "it is no JSON object", 'Write one object a line, as {"text": "…", "label": "…"}');
  return value as Record<string, unknown>;
}
