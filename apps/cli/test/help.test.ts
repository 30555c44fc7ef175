import { expect, test } from "vitest";
import type { CommandDef } from "citty";
import { COMMANDS } from "../src/commands.ts";
import { DECLARED } from "../src/command.ts";
import { checkLine, findCommand } from "../src/find-command.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";

const graft = grafter(temporaryFolder());
const root: CommandDef = { subCommands: COMMANDS as NonNullable<CommandDef["subCommands"]> };
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  archive: ["export", "import"],
  base: ["add", "list", "remove", "publish"],
  cache: ["ls", "verify", "prune"],
  key: ["create", "export", "pin"],
  server: ["rotate-key"],
  tag: ["ls", "add", "rm"],
  token: ["list", "create", "revoke"],
  account: ["ls", "end", "password"],
  scope: ["ls", "create", "show", "quota", "transfer"],
  owner: ["ls", "add", "rm"],
  team: ["ls", "create", "add", "rm", "end"],
  publisher: ["ls", "add", "rm"],
};
const paths = Object.keys(COMMANDS).flatMap((name) => GROUPS[name]?.map((sub) => [name, sub]) ?? [[name]]);

/** Words of an example as a shell gives them. */
function words(example: string): string[] {
  const command = example.replace(/^.*\| graft /, "graft ").replace(/ < .*$/, "");
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? "").slice(1);
}

test.each(paths.map((path) => [path.join(" "), path] as const))(
  "graft %s has --json and examples that are valid command lines of it",
  async (_, path) => {
    const { command } = await findCommand(root, path);
    const declared = DECLARED.get(command);
    expect(declared?.args["json"]?.type).toBe("boolean");
    expect(declared?.examples.length).toBeGreaterThan(0);
    for (const example of declared?.examples ?? []) {
      const found = await findCommand(root, words(example));
      expect(found.path.slice(1)).toEqual(path);
      expect(() => checkLine(found)).not.toThrow();
    }
  },
);

test("--help of a command shows its options and examples, without colours in a pipe", async () => {
  const { code, stdout, stderr } = await graft(["base", "add", "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/USAGE graft base add \[OPTIONS\] <PATH>[\s\S]*--name=<name>[\s\S]*EXAMPLES\n\n {2}graft base add /);
  expect(stdout).not.toContain("\u001b");
});

test("--help fits into a terminal, and sets many options out by what they are about", async () => {
  const { stdout } = await graft(["train", "--help"]);
  expect(Math.max(...stdout.split("\n").map((line) => (line.startsWith("  graft ") ? 0 : line.length)))).toBeLessThanOrEqual(100);
  for (const title of ["OPTIONS", "DATA", "TASK", "METHOD", "TRAINING", "CHECKPOINTS", "REPORT", "EXAMPLES"])
    expect(stdout).toMatch(new RegExp(`^${title}$`, "m"));
  expect(stdout.match(/--rank=/g)).toHaveLength(1);
});

test("graft alone shows all commands, --version the version", async () => {
  const { code, stdout } = await graft([]);
  expect(code).toBe(0);
  for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^ +${name} {2,}\\w`, "m"));
  expect((await graft(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [["nonsense"], 'Cannot run "graft nonsense": there is no such command [USAGE]. See graft --help'],
  [["base"], 'Cannot run "graft base": want one of add, list, remove, publish [USAGE]. See graft base --help'],
  [["train", "--bases", "x"], 'Cannot run "graft train": it has no option "--bases" [USAGE]. See graft train --help'],
  [["train", "--base"], 'Cannot run "graft train": "--base" needs a value [USAGE]. See graft train --help'],
  [
    ["train", "--base", "x", "--data", "y", "--schedule", "steep"],
    "Cannot read the arguments: Invalid value for argument: --schedule (steep). Expected one of: constant, linear, cosine [USAGE]. See graft train --help",
  ],
  [["pull"], 'Cannot run "graft pull": the adapter is missing [USAGE]. See graft pull --help'],
  [["train", "--base", "x", "--data", "y", "--rank", "0"], 'Cannot read --rank "0": want a whole number of at least 1 [USAGE]'],
])("graft %j is refused in one line with exit 2", async (args, line) => {
  expect(await graft(args)).toEqual({ code: 2, stdout: "", stderr: `${line}\n` });
});

test("with --json an error is a JSON line for a program", async () => {
  const { code, stdout, stderr } = await graft(["inspect", "nothing.safetensors", "--json"]);
  expect([code, stdout]).toEqual([3, ""]);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: "FILE_NOT_FOUND", message: 'Cannot inspect "nothing.safetensors": it does not exist', detail: { errno: "ENOENT" } },
  });
});
