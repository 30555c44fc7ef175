import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Base } from "@graft/architectures";
import { GraftError, restate } from "@graft/error";
import { fileError } from "@graft/files";
import { type ImportedAdapter, importPeft, type Manifest, openPeft } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";
import { convertBase } from "./convert-base.ts";

/** How an adapter of another format is taken. */
export interface ImportOptions {
  readonly base: Base;
  /** Names of the head's outputs; config.json's id2label where they are left out. */
  readonly labels?: readonly string[] | undefined;
  readonly writer: Manifest["writer"];
}

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";

/** Converts a folder that PEFT wrote. FILE_NOT_FOUND, CONVERT_INVALID, CONVERT_UNSUPPORTED, SAFETENSORS_INVALID, BASE_MISMATCH, NOT_FINITE, USAGE. */
export async function importPeftFolder(folder: string, { base, labels, writer }: ImportOptions): Promise<ImportedAdapter> {
  const facts = await stat(folder).catch((cause: unknown) => {
    throw fileError(cause, `import "${folder}"`);
  });
  if (!facts.isDirectory())
    throw new GraftError("CONVERT_INVALID", `Cannot import "${folder}": it is no folder`, {
      hint: `Pass the folder with ${CONFIG} and ${WEIGHTS}`,
    });
  const config = await readFile(join(folder, CONFIG), "utf8").catch((cause: unknown) => {
    throw missing(folder, cause, `it has no ${CONFIG}`);
  });
  await stat(join(folder, WEIGHTS)).catch(async (cause: unknown) => {
    const pickled = await stat(join(folder, "adapter_model.bin")).then(
      () => true,
      () => false,
    );
    throw pickled
      ? new GraftError("CONVERT_INVALID", `Cannot import "${folder}": adapter_model.bin is a pickle, which can run code when it is read`, {
          hint: "Save it again with PEFT's save_pretrained, which writes safetensors",
        })
      : missing(folder, cause, `it has no ${WEIGHTS}`);
  });
  try {
    const peft = await openPeft(config, await fileSource(join(folder, WEIGHTS)));
    try {
      return await importPeft(peft, await convertBase(base, { labels }), { writer });
    } finally {
      await peft.file.close();
    }
  } catch (cause) {
    throw restate(cause, `import "${folder}"`, "The file is damaged or was cut off: fetch it again");
  }
}

function missing(folder: string, cause: unknown, why: string): GraftError {
  return new GraftError("FILE_NOT_FOUND", `Cannot import "${folder}": ${why}`, {
    cause,
    hint: `Pass the folder with ${CONFIG} and ${WEIGHTS}`,
  });
}
