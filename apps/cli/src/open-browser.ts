import { spawn } from "node:child_process";

const OPENERS: Readonly<Record<string, readonly [command: string, ...words: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", '""'],
};

/** Shows an address in the person's browser, where there is one; where not, the address was printed. */
export function openBrowser(address: string): void {
  const [command, ...words] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...words, address], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
