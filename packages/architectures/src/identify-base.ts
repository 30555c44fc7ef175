import { basename } from "node:path";
import { hashFile } from "@graft/digest/node";
import type { Base } from "./base.ts";
import { type BaseIdentity, identifyWeights } from "./identify-weights.ts";

/** The identity of a base with the digests of its files, all of which are read. ONNX_UNSUPPORTED when it has no float matrix. */
export async function identifyBase(base: Base): Promise<BaseIdentity> {
  const { files, tokenizerFile } = base;
  const { reference, ...identity } = await identifyWeights(base);
  return {
    ...identity,
    reference: {
      ...reference,
      files: await Promise.all(files.map(async (path) => ({ name: basename(path), ...(await hashFile(path)) }))),
      ...(tokenizerFile === undefined ? {} : { tokenizer: (await hashFile(tokenizerFile)).digest }),
    },
  };
}
