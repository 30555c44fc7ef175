/** A block of code in a guide. */
export interface Block {
  readonly language: "sh" | "ts" | "jsonl";
  readonly text: string;
  /** Line of the guide that it begins on. */
  readonly line: number;
  /** File that the block is the content of: ```jsonl file=train.jsonl. */
  readonly file?: string;
}

/** The blocks of a guide that are run (`sh`, `ts`) or written (any language with `file=`), in order; blocks of other languages are only shown. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\w+)(?: file=(\S+))?$/.exec(lines[at] ?? "");
    if (opening === null) continue;
    const end = lines.indexOf("```", at + 1);
    const [, language = "", file] = opening;
    const text = `${lines.slice(at + 1, end).join("\n")}\n`;
    if (file !== undefined || language === "sh" || language === "ts")
      blocks.push({ language: language as Block["language"], text, line: at + 1, ...(file === undefined ? {} : { file }) });
    at = end;
  }
  return blocks;
}
