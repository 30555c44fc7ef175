import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

const old = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => existsSync(path) && isOld(path));
const main = join(import.meta.dirname, "../src/main.ts");

function isOld(path: string): boolean {
  return Number(execFileSync(path, ["-p", "process.versions.node.split('.')[0]"]).toString()) < 22;
}

if (old === undefined) console.warn("Skipped: no Node older than 22 on this machine");

test.skipIf(old === undefined)("an older Node is told in one line what is needed", () => {
  // What the compiler makes of the file is the file without its types.
  const script = stripTypeScriptTypes(readFileSync(main, "utf8")).replace("./run.ts", "./run.js");
  const { status, stdout, stderr } = spawnSync(old ?? "", ["--input-type=module", "-"], { input: script, encoding: "utf8" });
  expect([status, stdout]).toEqual([6, ""]);
  expect(stderr).toMatch(/^graft needs Node 22\.18 or newer; this is v\d+\.\d+\.\d+ \[NODE_TOO_OLD\]\. See https:\/\/nodejs\.org\n$/);
});
