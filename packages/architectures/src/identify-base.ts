import { basename } from "node:path";
import type { Digest } from "@graft/digest";
import { hashFile } from "@graft/digest/node";
import type { BaseReference } from "@graft/format";
import { fingerprint } from "@graft/onnx";
import type { Base } from "./base.ts";

/** Who a base is: what a manifest says of it, and the matrices that its fingerprint is taken over. */
export interface BaseIdentity {
  readonly reference: BaseReference;
  readonly matrices: readonly { readonly module: string; readonly digest: Digest; readonly rows: number; readonly columns: number }[];
}

/** Computes the identity of a base, reading all its files. ONNX_UNSUPPORTED when it has no float matrix. */
export async function identifyBase(base: Base): Promise<BaseIdentity> {
  const { name, revision, family, files, tokenizerFile } = base;
  const identified = await fingerprint(base.model, base.weights);
  const reference: BaseReference = {
    name,
    ...(revision === undefined ? {} : { revision }),
    fingerprint: identified.fingerprint,
    files: await Promise.all(files.map(async (path) => ({ name: basename(path), ...(await hashFile(path)) }))),
    ...(tokenizerFile === undefined ? {} : { tokenizer: (await hashFile(tokenizerFile)).digest }),
    ...(family === undefined ? {} : { family }),
  };
  return { reference, matrices: identified.matrices.map(({ module, digest, rows, columns }) => ({ module, digest, rows, columns })) };
}
