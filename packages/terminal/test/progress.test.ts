import { afterEach, expect, test, vi } from "vitest";
import { Progress } from "@graft/terminal";

afterEach(() => vi.restoreAllMocks());

function written(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  return lines;
}

test("where there is no terminal, a line says how far the work is, and the last one is never left out", () => {
  const lines = written();
  const progress = new Progress({ enabled: true });
  for (let done = 1; done <= 1000; done++) progress.update({ label: "Work", done, total: 1000, detail: `step ${done}` });
  progress.end();
  expect(lines.at(-1)).toBe("Work 100 %  step 1000\n");
  expect(lines.length).toBeLessThan(5);
});

test("progress that is turned off writes nothing", () => {
  const lines = written();
  new Progress({ enabled: false }).update({ label: "Work", done: 1, total: 1 });
  expect(lines).toEqual([]);
});
