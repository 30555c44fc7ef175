import { identifyBase, openBase } from "@graft/architectures/node";
import { layoutOf } from "@graft/onnx";
import type { FindResponse } from "@graft/protocol";
import { counted } from "@graft/terminal";
import { command, numberArgument } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** What each fit means to a person. */
const FITS: Readonly<Record<FindResponse["matches"][number]["fit"], string>> = {
  file: "this very file",
  fingerprint: "the same base",
  targets: "all its targets are there",
  variant: "for the base this one was made from",
  partial: "does not fit",
};

/** `graft find`: adapters for the base at hand. */
export const find = command({
  name: "find",
  description: "Find adapters that fit the base you have, best first, and why others do not",
  examples: ["graft find --base ./model.onnx", "graft find --base minilm --json"],
  args: {
    ...REGISTRY_ARGS,
    base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
    limit: { type: "string", description: "How many to show", default: "20", valueHint: "number" },
  },
  run: async ({ args, output }) => {
    const limit = numberArgument(args.limit, "limit", { least: 1, whole: true }) ?? 20;
    const { registry } = await openClient(args);
    const { reference, matrices } = await identifyBase(await openBase(await locateBase(args.base)));
    const [file] = reference.files;
    const found = await registry.find({
      ...(reference.files.length === 1 && file !== undefined ? { fileDigest: file.digest } : {}),
      fingerprint: reference.fingerprint,
      matrices: matrices.map(({ digest }) => digest),
      layout: await layoutOf(matrices),
      limit,
    });
    const name = found.base === undefined ? "not registered" : `"${found.base.name}"`;
    output.line(`${reference.fingerprint}, ${name}, ${matrices.length} matrices`);
    const fits = found.matches.filter(({ fit }) => fit !== "partial");
    if (fits.length === 0) output.line("No adapter fits");
    else
      output.table(
        fits.map((match) => [`${match.name}@${match.version}`, FITS[match.fit], match.method, match.task, match.description ?? ""]),
        { head: ["adapter", "fits", "method", "task", "description"] },
      );
    for (const match of found.matches) {
      if (match.fit !== "partial") continue;
      const { targets, present, missing } = match;
      output.line(
        `${match.name}@${match.version} does not fit: ${targets - present} of ${targets} targets have other weights or are absent, such as ${missing[0] ?? ""}`,
      );
    }
    // Adapters of the base that this one was made from are in the list above.
    const others = found.similar.filter(({ fingerprint }) => fingerprint !== found.base?.derivedFrom?.base);
    for (const base of others) {
      const why = base.derivedFrom === undefined ? "the same layout and other weights" : `made by ${base.derivedFrom.tool}`;
      if (base.adapterCount > 0) output.line(`${counted(base.adapterCount, "adapter")} for "${base.name}" may not fit: ${why}`);
    }
    if (found.next !== undefined) output.note("There is more: pass a larger --limit");
    output.result(found);
  },
});
