import { GraftError } from "@graft/error";

/**
 * Cuts a text or a pair, in place, to `room` tokens: of a pair the longer text first, then both to halves, the second
 * having the odd token. The rule "longest first" of Hugging Face's tokenizers (`truncate_encodings`).
 */
export function truncatePair(first: unknown[], second: unknown[] | null, options: { room: number; maxLength: number }): void {
  const { room } = options;
  if (room < 0)
    throw new GraftError(
      "USAGE",
      `Cannot cut a text to ${options.maxLength} tokens: the special tokens alone take ${options.maxLength - room}`,
    );
  if (second === null) {
    first.length = Math.min(first.length, room);
    return;
  }
  if (first.length + second.length <= room) return;
  const swapped = first.length > second.length;
  const [short, long] = swapped ? [second, first] : [first, second];
  let shortLength = short.length;
  let longLength = shortLength > room ? shortLength : Math.max(shortLength, room - shortLength);
  if (shortLength + longLength > room) {
    shortLength = Math.floor(room / 2);
    longLength = shortLength + (room % 2);
  }
  short.length = Math.min(short.length, shortLength);
  long.length = Math.min(long.length, longLength);
}
