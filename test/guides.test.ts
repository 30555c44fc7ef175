import { spawn } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Block, readBlocks } from "./guides/read-blocks.ts";

/**
 * Every guide in docs/ is followed as a reader would: its `sh` and `ts` blocks are run in order in one folder that has `packages`
 * beside it as a clone has, blocks with `file=` are written there. Blocks of other languages are shown only.
 */
const root = join(import.meta.dirname, "..");
const work = join(root, ".cache", `guides-${process.pid}`);
const guides = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md"));

afterAll(() => rm(work, { recursive: true, force: true }));

test.for(guides)("docs/%s works as written", async (guide) => {
  const folder = join(work, guide.replace(/\.md$/, ""));
  await mkdir(join(folder, "bin"), { recursive: true });
  await symlink(join(root, "packages"), join(folder, "packages"));
  const main = join(root, "apps/cli/src/main.ts");
  const graft = join(folder, "bin", "graft");
  await writeFile(graft, `#!/bin/sh\nexec "${process.execPath}" --conditions=@graft/source "${main}" "$@"\n`);
  await chmod(graft, 0o755);
  const blocks = readBlocks(await readFile(join(root, "docs", guide), "utf8"));
  expect(blocks.length, "a guide without a block that is run").toBeGreaterThan(0);
  for (const block of blocks) {
    const { code, output } = await follow(block, folder);
    expect(code, `docs/${guide}:${block.line}\n${block.text}\n${output}`).toBe(0);
  }
});

async function follow({ language, text, file, line }: Block, folder: string): Promise<{ code: number | null; output: string }> {
  if (file !== undefined) {
    await writeFile(join(folder, file), text);
    return { code: 0, output: "" };
  }
  if (language === "sh") return run("bash", ["-e", "-o", "pipefail", "-c", text], folder);
  const program = join(folder, `block-${line}.ts`);
  await writeFile(program, text);
  return run(process.execPath, ["--conditions=@graft/source", program], folder);
}

function run(command: string, args: readonly string[], folder: string): Promise<{ code: number | null; output: string }> {
  const home = Object.fromEntries(["GRAFT_HOME", "GRAFT_CACHE"].map((name) => [name, join(folder, name.toLowerCase())]));
  const child = spawn(command, args, {
    cwd: folder,
    env: {
      ...process.env,
      ...home,
      GRAFT_CONFIG: join(folder, "config.json"),
      PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: output.slice(-4000) }));
  });
}
