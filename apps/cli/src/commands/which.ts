import { GraftError, isGraftError } from "@graft/error";
import { hashFile } from "@graft/digest/node";
import { fileError } from "@graft/files";
import { openAdapter } from "@graft/format";
import { fileSource } from "@graft/safetensors/node";
import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft which`: which version or base a file is. */
export const which = command({
  name: "which",
  description: "Tell which version of which adapter a file is, or which base; the same tensors under another manifest count too",
  examples: ["graft which ./some.safetensors", "graft which model.onnx --json"],
  args: { ...REGISTRY_ARGS, file: { type: "positional", description: "Any file", required: true } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const { digest } = await hashFile(args.file).catch((cause: unknown) => {
      throw fileError(cause, `read "${args.file}"`);
    });
    const tensors = await tensorsOf(args.file);
    const byFile = await registry.which(digest);
    const byTensors = tensors === undefined ? undefined : await registry.which(tensors);
    const exact = byFile.versions.filter(({ of }) => of === "file");
    const equal = (byTensors?.versions ?? []).filter(({ of, digest: other }) => of === "tensors" && other !== digest);
    for (const version of exact) output.line(`${version.name}@${version.version}: this very file`);
    for (const version of equal) output.line(`${version.name}@${version.version}: the same tensors`);
    for (const base of byFile.bases) output.line(`base "${base.name}": ${base.file}`);
    output.result({ digest, tensors, versions: [...exact, ...equal], bases: byFile.bases });
    if (exact.length + equal.length + byFile.bases.length > 0) return;
    throw new GraftError("NOT_FOUND", `Cannot tell what "${args.file}" is: the registry knows no version or base with ${digest}`, {
      hint: "graft inspect tells what the file itself says",
    });
  },
});

/** Digest of the tensors alone, of a file that is an adapter. */
async function tensorsOf(path: string): Promise<string | undefined> {
  try {
    const adapter = await openAdapter(await fileSource(path));
    await adapter.close();
    return adapter.tensorsDigest;
  } catch (cause) {
    if (isGraftError(cause)) return undefined;
    throw cause;
  }
}
