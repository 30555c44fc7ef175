import { GraftError } from "@graft/error";

/** Bounds on a row of data, so that a file that is no text cannot fill the memory. */
const LINE_CHARACTERS = 2 ** 24;

/** A line and its number in the file, from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** Splits UTF-8 bytes into lines as they come. DATA_INVALID for bytes that are no UTF-8, with the line. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let rest = "";
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw new GraftError("DATA_INVALID", `Cannot read "${file}": it is no UTF-8 text after line ${number}`, {
        cause,
        hint: "Save the file as UTF-8",
      });
    }
  };
  for await (const chunk of chunks) {
    const lines = (rest + decode(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_CHARACTERS)
      throw new GraftError(
        "DATA_INVALID",
        `Cannot read "${file}": line ${number + lines.length + 1} has more than ${LINE_CHARACTERS} characters`,
      );
    for (const text of lines) yield { text: withoutReturn(text), number: ++number };
  }
  rest += decode();
  if (rest !== "") yield { text: withoutReturn(rest), number: number + 1 };
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
