#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

// Everything else is imported late: an older Node could not even read it.
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`graft needs Node 22.18 or newer; this is ${process.version} [NODE_TOO_OLD]. See https://nodejs.org\n`);
  process.exitCode = 6;
} else {
  // Compiled code is kept for the next command: it starts in two thirds of the time.
  (await import("node:module")).enableCompileCache();
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2));
  // A worker in the middle of a step would keep the process.
  if (process.exitCode !== 0) process.exit();
}
