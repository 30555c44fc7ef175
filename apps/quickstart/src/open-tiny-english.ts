import { stat } from "node:fs/promises";
import type { Base, BaseIdentity } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { formatBytes } from "@graft/terminal";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { line } from "./say.ts";

/** The embedded base, opened, with what it is known by. */
export interface TinyEnglish {
  readonly base: Base;
  readonly identity: BaseIdentity;
  /** Bytes of its weights on disk. */
  readonly bytes: number;
}

/** Opens tiny-english and says what it is. */
export async function openTinyEnglish(): Promise<TinyEnglish> {
  const base = await openBase(TINY_ENGLISH_FOLDER);
  const identity = await identifyBase(base);
  const sizes = await Promise.all(base.files.map(async (file) => (await stat(file)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  line(`tiny-english, a BERT encoder of ${base.config?.["num_hidden_layers"]} layers of ${base.hiddenSize}, ${formatBytes(bytes)}`);
  line(`fingerprint ${identity.reference.fingerprint}`);
  return { base, identity, bytes };
}
