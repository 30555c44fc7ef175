import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import { BUNDLE_FILE, BundleFile } from "./bundle-file.ts";

/** Reads what a folder holds that `graft bundle` wrote; undefined for any other path. USAGE when it is broken. */
export async function readBundle(folder: string): Promise<BundleFile | undefined> {
  const path = join(folder, BUNDLE_FILE);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw fileError(cause, `read "${path}"`);
  });
  return text === undefined ? undefined : parseBundle(text, path);
}

/** Checks the text of a bundle's description. */
function parseBundle(text: string, place: string): BundleFile {
  try {
    return BundleFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read "${place}": it is not what graft bundle writes`, {
      cause,
      hint: "Make the bundle anew: graft bundle",
    });
  }
}
