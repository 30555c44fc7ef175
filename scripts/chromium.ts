import { existsSync } from "node:fs";
import { join } from "node:path";
import { runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";

/** Where a Chromium may be, and Vulkan's loader, which its software device for WebGPU needs. */
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const PACKAGES = ["chromium", "libvulkan1"];
const LOADERS = ["/usr/lib/x86_64-linux-gnu/libvulkan.so.1", "/usr/lib/aarch64-linux-gnu/libvulkan.so.1"];

/**
 * Installs Chromium from Debian's packages where that is possible and none is there; prints the reason where it is not.
 * Gives the exit status if it was told to stop.
 */
export async function setUpChromium(root: string): Promise<number | undefined> {
  const ready = (): boolean =>
    [process.env["GRAFT_CHROMIUM"] ?? "", ...BROWSERS].some((path) => existsSync(path)) && LOADERS.some((path) => existsSync(path));
  if (ready()) return undefined;
  if (!existsSync("/usr/bin/apt-get")) return skip("no Chromium and no apt-get were found");
  if (process.getuid?.() !== 0) return skip(`no Chromium was found, and only root can install ${PACKAGES.join(" and ")}`);
  return withLock(join(root, ".cache", "chromium.lock"), async () => {
    if (ready()) return undefined;
    process.stdout.write("Installing Chromium for the tests in a page (once, half a minute)\n");
    for (const args of [
      ["update", "-q"],
      ["install", "-y", "-q", "--no-install-recommends", ...PACKAGES],
    ]) {
      const { status, interrupted, output } = await runChild("apt-get", args, { quiet: true });
      if (interrupted) return status;
      if (status !== 0) return skip(`apt-get ${args[0]} failed\n${output}`);
    }
    return undefined;
  });
}

function skip(reason: string): undefined {
  process.stdout.write(`Tests in a page and on WebGPU will be skipped: ${reason}\n`);
  return undefined;
}
