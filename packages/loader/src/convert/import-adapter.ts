import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Base, Config } from "@graft/architectures";
import { GraftError, restate } from "@graft/error";
import { fileError } from "@graft/files";
import { checkedPeftConfig, type ImportedAdapter, importPeft, type Manifest, openAdapter, openPeft } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";
import { fileDigest } from "../read-file.ts";
import { BaseIdentity } from "../base-identity.ts";
import { checkFit } from "../fit.ts";
import { convertBase } from "./convert-base.ts";

/** How an adapter of another format is taken. */
export interface ImportOptions {
  readonly base: Base;
  /** Names of the head's outputs; where they are left out id2label of the adapter's or the base's config.json. */
  readonly labels?: readonly string[] | undefined;
  readonly writer: Manifest["writer"];
}

/** What was imported; `bound` where the file itself says which weights it is for. */
export interface ImportedFile extends ImportedAdapter {
  readonly bound?: true;
}

const CONFIG = "adapter_config.json";
const WEIGHTS = "adapter_model.safetensors";
const LABELS = "config.json";

/** Converts a folder that PEFT wrote. FILE_NOT_FOUND, CONVERT_INVALID, CONVERT_UNSUPPORTED, SAFETENSORS_INVALID, BASE_MISMATCH, NOT_FINITE, USAGE. */
export async function importPeftFolder(folder: string, { base, labels, writer }: ImportOptions): Promise<ImportedFile> {
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
    const own = await ownAdapter(folder, config);
    if (own !== undefined && (labels === undefined || isDeepStrictEqual(labels, own.manifest.task.labels))) {
      await checkFit(new BaseIdentity(base, { hashFile: fileDigest }), own.manifest, { name: folder });
      return { ...own, bound: true };
    }
    const peft = await openPeft(config, await fileSource(join(folder, WEIGHTS)));
    try {
      return await importPeft(peft, await convertBase(base, { labels, config: await labelConfig(folder) }), { writer });
    } finally {
      await peft.file.close();
    }
  } catch (cause) {
    throw restate(cause, `import "${folder}"`, "The file is damaged or was cut off: fetch it again");
  }
}

/** What Graft wrote and nobody has changed: its file says itself what it is. Undefined for every other folder. */
async function ownAdapter(folder: string, config: string): Promise<ImportedAdapter | undefined> {
  const bytes = await readFile(join(folder, WEIGHTS));
  try {
    const { manifest } = await openAdapter(bytes);
    if (!isDeepStrictEqual(JSON.parse(config), JSON.parse(JSON.stringify(checkedPeftConfig(manifest))))) return undefined;
    return { bytes, manifest, notes: ["Graft wrote it: the file is taken as it is, and fits the base"] };
  } catch {
    // Read as any other, which says what is wrong.
    return undefined;
  }
}

/** The config.json beside an adapter, which names its labels. */
async function labelConfig(folder: string): Promise<Config | undefined> {
  const text = await readFile(join(folder, LABELS), "utf8").catch(() => undefined);
  try {
    const config: unknown = JSON.parse(text ?? "");
    return typeof config === "object" && config !== null ? (config as Config) : undefined;
  } catch {
    return undefined;
  }
}

function missing(folder: string, cause: unknown, why: string): GraftError {
  return new GraftError("FILE_NOT_FOUND", `Cannot import "${folder}": ${why}`, {
    cause,
    hint: `Pass the folder with ${CONFIG} and ${WEIGHTS}`,
  });
}
