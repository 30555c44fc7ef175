import { readFileSync } from "node:fs";

/** Version of the package, as published. */
export const VERSION = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
