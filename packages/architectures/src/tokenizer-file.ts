import { stat } from "node:fs/promises";
import { join } from "node:path";

/** The first of some folders that has a tokenizer.json. The path is kept as it is: tokenizer_config.json lies beside it by name. */
export async function findTokenizer(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, "tokenizer.json");
    if (
      await stat(path).then(
        (facts) => facts.isFile(),
        () => false,
      )
    )
      return path;
  }
  return undefined;
}
