import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "@graft/digest";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import { ATTACHMENTS } from "@graft/format";
import type { AttachedName } from "@graft/protocol";

/** A file that is published beside an adapter. */
export interface LocalAttachment {
  readonly path: AttachedName;
  readonly bytes: Uint8Array;
}

/** Reads and checks what stands beside an adapter: a README, by default the one in its folder, and the results of an evaluation. */
export async function readAttachments(
  file: string,
  options: { readonly readme?: string | undefined; readonly evaluation?: string | undefined; readonly adapters: readonly Uint8Array[] },
): Promise<LocalAttachment[]> {
  const attachments: LocalAttachment[] = [];
  const readme = await readReadme(file, options.readme);
  if (readme !== undefined) attachments.push({ path: "README.md", bytes: readme });
  if (options.evaluation !== undefined) {
    const bytes = await read(options.evaluation);
    attachments.push({ path: "evaluation.json", bytes });
    ATTACHMENTS["evaluation.json"](bytes);
    await checkAdapter(bytes, { evaluation: options.evaluation, adapters: options.adapters });
  }
  for (const { path, bytes } of attachments) ATTACHMENTS[path](bytes);
  return attachments;
}

async function readReadme(file: string, given: string | undefined): Promise<Uint8Array | undefined> {
  if (given === "") return undefined;
  if (given !== undefined) return await read(given);
  return await readFile(join(dirname(file), "README.md")).catch(() => undefined);
}

/** Results are about one adapter: the file as it was trained, or the copy that is published. */
async function checkAdapter(
  bytes: Uint8Array,
  { evaluation, adapters }: { evaluation: string; adapters: readonly Uint8Array[] },
): Promise<void> {
  const { adapter } = JSON.parse(new TextDecoder().decode(bytes)) as { adapter?: string };
  if (adapter === undefined) return;
  for (const known of adapters) if ((await sha256(known)) === adapter) return;
  throw new GraftError("DIGEST_MISMATCH", `Cannot publish "${evaluation}" with the adapter: it is about another one, ${adapter}`, {
    hint: "Run graft eval --json again on the file that you publish",
  });
}

async function read(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause: unknown) => {
    throw fileError(cause, `read "${path}"`);
  });
}
