import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
/** Larger files are data, not prose. */
const LARGEST = 2 ** 20;

/** What must not be written down: it holds on one machine or through one mirror only. The patterns are split, so that this file passes. */
const FORBIDDEN = [
  [
    "a registry's host",
    new RegExp(["registry\\.np", "mjs|np", "mjs\\.org|py", "pi\\.org|python", "hosted\\.org|deb\\.deb", "ian\\.org"].join(""), "i"),
  ],
  ["a folder of one machine", new RegExp(["(?<![\\w.$@-])/(?:wo", "rk|ro", "ot|ho", "me|Us", "ers)/[\\w.-]"].join(""))],
] as const;

function tracked(): string[] | undefined {
  if (!existsSync(join(root, ".git"))) return undefined;
  return execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((file) => file !== "" && existsSync(join(root, file)) && statSync(join(root, file)).size <= LARGEST);
}

const files = tracked();
if (files === undefined) console.warn("Skipped: this folder is no git repository");

describe.skipIf(files === undefined)("tracked files", () => {
  test.each(FORBIDDEN)("never name %s", (_, pattern) => {
    const wrong = (files ?? []).flatMap((file) => {
      const lines = readFileSync(join(root, file), "utf8").split("\n");
      return lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.slice(0, 120)}`] : []));
    });
    expect(wrong).toEqual([]);
  });

  test("hold nothing that is built or fetched", () => {
    expect((files ?? []).filter((file) => /(^|\/)(node_modules|dist|\.cache|quickstart-output)\//.test(file))).toEqual([]);
  });

  test("name no address to download a dependency from", () => {
    const lock = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
    expect(lock.match(/\w+:\/\/\S+|\btarball:.*/g)).toBeNull();
  });
});
