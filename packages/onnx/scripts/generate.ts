// Writes src/proto/onnx_pb.ts from proto/onnx.proto; with an argument, under that folder instead.
import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..");
const binaries = join(root, "../../node_modules/.bin");

execFileSync(join(binaries, "buf"), ["generate", "--template", "buf.gen.yaml", "--output", process.argv[2] ?? root], {
  cwd: root,
  env: { ...process.env, PATH: `${binaries}${delimiter}${process.env["PATH"] ?? ""}` },
  stdio: "inherit",
});
