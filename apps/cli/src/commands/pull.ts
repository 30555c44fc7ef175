import { createReadStream } from "node:fs";
import { writeFileWhole } from "@graft/files";
import { command } from "../command.ts";
import { checkOutputFile } from "../check-output.ts";
import { formatBytes } from "@graft/terminal";
import { MAX_AGE_ARG, openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { transferProgress } from "../transfer-progress.ts";

/** `graft pull`: fetches an adapter into the cache, verified, and copies it where it is wanted. */
export const pull = command({
  name: "pull",
  description: "Fetch an adapter and verify its signature and digest",
  examples: ["graft pull @quickstart/gloss-topics@^1", "graft pull @quickstart/gloss-topics --output ./adapter.safetensors"],
  args: {
    ...REGISTRY_ARGS,
    ...MAX_AGE_ARG,
    adapter: { type: "positional", description: "@scope/name, or @scope/name@range", required: true },
    output: { type: "string", description: "File to write; the path in the cache is printed when left out", valueHint: "file" },
  },
  run: async ({ args, output, signal }) => {
    if (args.output !== undefined) await checkOutputFile(args.output);
    const client = await openClient(args, args.adapter);
    const { path, record, cached } = await client.pull(args.adapter, { signal, progress: transferProgress(output, "Pulling") });
    output.progress.end();
    if (args.output !== undefined) await writeFileWhole(args.output, createReadStream(path));
    const written = args.output ?? path;
    output.line(`${record.name}@${record.version}  ${formatBytes(record.size)}${cached ? ", from the cache" : ""}`);
    output.line(`  ${record.digest}`);
    if (record.deprecated !== undefined) output.note(`Warning: ${record.name}@${record.version} is deprecated: ${record.deprecated}`);
    output.line(`  ${written}`);
    output.result({
      name: record.name,
      version: record.version,
      digest: record.digest,
      size: record.size,
      base: record.base,
      ...(record.deprecated === undefined ? {} : { deprecated: record.deprecated }),
      path: written,
      cached,
    });
  },
});
