import { existsSync } from "node:fs";
import { join } from "node:path";
import { runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";

/** A real part that tests need, from Debian's packages. */
export interface DebianPart {
  /** What it is called in what is printed, and in the name of its lock. */
  readonly name: string;
  readonly packages: readonly string[];
  /** What stays untested without it. */
  readonly without: string;
  isReady(): boolean;
}

/**
 * Installs a part where that is possible and it is not there; prints the reason where it cannot. Two at once wait for each other.
 * Gives the exit status if it was told to stop.
 */
export async function setUpPackages(root: string, { name, packages, without, isReady }: DebianPart): Promise<number | undefined> {
  const skip = (reason: string): undefined => {
    process.stdout.write(`${without} will be skipped: ${reason}\n`);
    return undefined;
  };
  if (isReady()) return undefined;
  if (!existsSync("/usr/bin/apt-get")) return skip(`no ${name} and no apt-get were found`);
  if (process.getuid?.() !== 0) return skip(`no ${name} was found, and only root can install ${packages.join(" and ")}`);
  return withLock(join(root, ".cache", "apt.lock"), async () => {
    if (isReady()) return undefined;
    process.stdout.write(`Installing ${name} for the tests (once, half a minute)\n`);
    for (const args of [
      ["update", "-q"],
      ["install", "-y", "-q", "--no-install-recommends", ...packages],
    ]) {
      const { status, interrupted, output } = await runChild("apt-get", args, { quiet: true });
      if (interrupted) return status;
      if (status !== 0) return skip(`apt-get ${args[0]} failed\n${output}`);
    }
    return undefined;
  });
}
