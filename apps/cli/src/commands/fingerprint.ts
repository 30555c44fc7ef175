import { identifyBase, openBase } from "@graft/architectures/node";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";

/** `graft fingerprint`: the identity of a base by the contents of its matrices. */
export const fingerprint = command({
  name: "fingerprint",
  description: "Print the fingerprint of a base: the same for every export of the same weights",
  examples: ["graft fingerprint ./minilm", "graft fingerprint model.onnx --json"],
  args: {
    base: { type: "positional", description: "Checkpoint folder, ONNX file, or name in the local store", required: true },
    matrices: { type: "boolean", description: "List every matrix with its digest" },
  },
  run: async ({ args, output }) => {
    const { reference, matrices } = await identifyBase(await openBase(await locateBase(args.base)));
    output.line(reference.fingerprint);
    if (args.matrices === true) output.table(matrices.map(({ module, digest, rows, columns }) => [module, `${rows} × ${columns}`, digest]));
    output.result({ ...reference, matrices });
  },
});
