import { measureMatrices, type Base } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import { compareMatrices } from "@graft/onnx";
import type { DerivedFrom } from "@graft/protocol";
import { command } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft base publish`: what a registry must know of a base to judge adapters for it. */
export const publishBase = command({
  name: "base publish",
  description: "Register a base with a registry, so that adapters for it can be published and found; its bytes stay here",
  examples: [
    "graft base publish ./minilm --name sentence-transformers/all-MiniLM-L6-v2 --license Apache-2.0",
    "graft base publish minilm --revision 8b3219a9 --source https://example.com/minilm",
    'graft base publish ./minilm-int8/model.onnx --derived-from ./minilm --tool "graft quantize int8"',
  ],
  args: {
    ...REGISTRY_ARGS,
    base: { type: "positional", description: "Checkpoint folder, ONNX file, or name in the local store", required: true },
    name: { type: "string", description: "What the registry calls it; the base's own name when left out", valueHint: "name" },
    revision: { type: "string", description: "Revision of the base, such as a commit on the Hub", valueHint: "text" },
    source: { type: "string", description: "Where it comes from: an address, or an id on the Hub", valueHint: "text" },
    license: { type: "string", description: "SPDX identifier of its licence", valueHint: "id" },
    "derived-from": {
      type: "string",
      description: "The base that it was made from, quantised or otherwise; both are compared",
      valueHint: "base",
    },
    tool: { type: "string", description: "With derived-from: what made it", valueHint: "text" },
  },
  run: async ({ args, output }) => {
    const { tool, source, license } = args;
    if ((args["derived-from"] === undefined) !== (tool === undefined))
      throw new GraftError("USAGE", "Cannot register a variant: --derived-from and --tool come together", { hint: "Pass both" });
    const { registry } = await openClient(args);
    const base = await openBase(await locateBase(args.base));
    const identity = await identifyBase(base);
    const { name = identity.reference.name, revision = identity.reference.revision } = args;
    const derivedFrom = args["derived-from"] === undefined ? undefined : await compared(base, args["derived-from"], tool ?? "");
    const document = {
      ...identity.reference,
      name,
      revision,
      source,
      license,
      derivedFrom,
      matrices: await measureMatrices(base, identity),
    };
    const { status, base: registered } = await registry.registerBase(document);
    const said = { created: "Registered", exists: "Already registered:", extended: "Added files to" }[status];
    output.line(`${said} ${registered.name}, ${registered.matrixCount} matrices`);
    output.line(`  ${registered.fingerprint}`);
    if (derivedFrom !== undefined)
      output.line(
        `  made from ${derivedFrom.base} by ${derivedFrom.tool}: weights differ by ${(derivedFrom.difference.value * 100).toFixed(3)} %`,
      );
    output.result({ status, base: registered });
  },
});

async function compared(variant: Base, from: string, tool: string): Promise<DerivedFrom> {
  const original = await openBase(await locateBase(from));
  const { reference } = await identifyBase(original);
  const { relative, compared: count, total } = await compareMatrices(original, variant);
  if (count === 0)
    throw new GraftError(
      "BASE_MISMATCH",
      `Cannot register the base as made from "${from}": none of its ${total} matrices has a counterpart`,
      {
        hint: "Name the base that it was made from",
      },
    );
  return { base: reference.fingerprint, tool, difference: { metric: "weights", value: relative } };
}
