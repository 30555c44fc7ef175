import { ATTACHMENTS, Evaluation } from "@graft/format";
import type { AttachedName, VersionRecord } from "@graft/protocol";
import type { Ask } from "./context.ts";

/** The files beside an adapter, as a page shows them; what a version lacks is undefined. */
export interface Attachments {
  readonly readme: string | undefined;
  readonly evaluation: Evaluation | undefined;
}

/** Reads README and evaluation of a version. They were judged when they were published; a page judges them again before it shows them. */
export async function readAttachments(ask: Ask, { files }: VersionRecord): Promise<Attachments> {
  const text = async (path: AttachedName): Promise<string | undefined> => {
    const file = files.find((one) => one.path === path);
    if (file === undefined) return undefined;
    const response = await ask(`/v1/blobs/${file.digest}`);
    if (!response.ok) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    ATTACHMENTS[path](bytes);
    return new TextDecoder().decode(bytes);
  };
  const [readme, evaluation] = await Promise.all([text("README.md"), text("evaluation.json")]);
  return { readme, evaluation: evaluation === undefined ? undefined : Evaluation.parse(JSON.parse(evaluation)) };
}
