import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { GraftError } from "@graft/error";

/** Answers to questions, not shown while they are typed; without a terminal, lines of standard input in the same order. A question that is undefined is not asked. */
export async function askHidden(questions: readonly (string | undefined)[]): Promise<(string | undefined)[]> {
  const isTerminal = process.stdin.isTTY === true;
  let muted = false;
  const output = new Writable({
    write: (chunk: Buffer, _, done) => {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: isTerminal });
  try {
    const next = isTerminal ? undefined : lines[Symbol.asyncIterator]();
    const answers: (string | undefined)[] = [];
    for (const question of questions) {
      if (question === undefined) {
        answers.push(undefined);
        continue;
      }
      muted = false;
      if (isTerminal) process.stderr.write(question);
      muted = true;
      const answer = next === undefined ? await line(lines) : ((await next.next()).value as string | undefined);
      if (isTerminal) process.stderr.write("\n");
      if (answer === undefined || answer === "")
        throw new GraftError("USAGE", `Cannot go on: nothing was given for "${question.replace(/: $/, "")}"`, {
          hint: "Type it, or pass it as a line of standard input",
        });
      answers.push(answer);
    }
    return answers;
  } finally {
    lines.close();
  }
}

async function line(lines: Interface): Promise<string | undefined> {
  return await new Promise((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(undefined));
  });
}
