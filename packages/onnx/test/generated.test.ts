import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the generated code is what the schema generates", () => {
  const root = join(import.meta.dirname, "..");
  const folder = mkdtempSync(join(tmpdir(), "graft-proto-"));
  try {
    execFileSync(process.execPath, [join(root, "scripts/generate.ts"), folder], { stdio: "pipe" });
    expect(readFileSync(join(folder, "src/proto/onnx_pb.ts"), "utf8") === readFileSync(join(root, "src/proto/onnx_pb.ts"), "utf8")).toBe(
      true,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
