import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** Every file that package.json exports, of every package. */
const entries = ["packages", "apps"]
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name, "src")))
  .flatMap((folder) => ["index.ts", "node.ts"].map((name) => join(folder, name)))
  .filter((file) => existsSync(file));

/** A name, and the line before its declaration; undefined where the scan finds no declaration. */
interface Exported {
  readonly place: string;
  readonly before: string | undefined;
}

/** The names that an entry gives: declared there, or passed on from a file beside it. */
function exported(file: string, wanted?: string): Exported[] {
  const text = readFileSync(file, "utf8");
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]+)\} from "(\.[^"]+)"/gm)].flatMap(([, names = "", from = ""]) =>
    names.split(",").flatMap((name) => {
      const [original = "", alias = original] = name
        .trim()
        .replace(/^type /, "")
        .split(" as ");
      return original === "" || (wanted !== undefined && alias !== wanted) ? [] : exported(join(dirname(file), from), original);
    }),
  );
  const lines = text.split("\n");
  const declared = lines.flatMap((line, index) => {
    const name = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|let) ([\w$]+)/.exec(line)?.[1];
    return name === undefined || (wanted !== undefined && name !== wanted)
      ? []
      : [{ name, place: `${relative(root, file)}: ${name}`, before: lines[index - 1] }];
  });
  // A schema and its type share a name, overloads too: the first one speaks for all.
  const first = declared.filter(({ name }, index) => declared.findIndex((other) => other.name === name) === index);
  if (wanted !== undefined && first.length + passedOn.length === 0)
    return [{ place: `${relative(root, file)}: ${wanted}`, before: undefined }];
  return [...passedOn, ...first];
}

test("every name that a package exports says what it is", () => {
  const names = entries.flatMap((file) => exported(file));
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter(({ before }) => before?.trimEnd().endsWith("*/") !== true).map(({ place }) => place)).toEqual([]);
});

test("an entry lists names and does nothing else", () => {
  const wrong = entries.flatMap((file) => (/^export (\*|default)/m.test(readFileSync(file, "utf8")) ? [relative(root, file)] : []));
  expect(wrong).toEqual([]);
});
