import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const models = join(import.meta.dirname, "models.ts");

/** Runs a program that has an open session called `session`, and gives its exit status; null when it hangs. */
function exitOf(program: string): { status: number | null; stdout: string; stderr: string } {
  const source = `
    import { openSession } from "@graft/runtime/node";
    const { slow, square } = await import(${JSON.stringify(models)});
    const session = await openSession(slow(40), { threads: 1 });
    ${program}`;
  return spawnSync(process.execPath, ["--conditions=@graft/source", "--input-type=module", "--eval", source], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    timeout: 120_000,
  });
}

test("a process that forgets its session ends", () => {
  expect(exitOf('await session.run({ x: square(8) }); console.log("done");')).toMatchObject({ status: 0, stdout: "done\n" });
});

// The thread was once taken away from the native code in it, which then aborted the process: one time in six.
test.each([5, 20, 30, 40, 60])("a process that exits %i ms into a run ends with its own status", (delay) => {
  const { status, stderr } = exitOf(`void session.run({ x: square(300) }); setTimeout(() => process.exit(7), ${delay});`);
  expect([status, stderr]).toEqual([7, ""]);
});

test("a process that waits for a run stays alive until it is done", () => {
  expect(exitOf('session.run({ x: square(200) }).then(() => console.log("done"));')).toMatchObject({ status: 0, stdout: "done\n" });
});

test("a process that throws during a run ends", () => {
  expect(exitOf('void session.run({ x: square(300) }); throw new Error("on purpose");')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("on purpose"),
  });
});
