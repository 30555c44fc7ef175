import { readFile } from "node:fs/promises";
import { isGraftError, GraftError, restate } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import { checked, nextVersion, prepareVersion, readManifest, Version, VERSION_STEPS, type VersionStep } from "@graft/format";
import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft version`: writes the next version into an adapter's file, where `graft publish` finds it. */
export const version = command({
  name: "version",
  description: "Count an adapter's version on and write it into its file, where graft publish finds it",
  examples: [
    "graft version patch",
    "graft version minor adapter.safetensors --name @acme/topics",
    "graft version 2.0.0-rc.1 adapter.safetensors --name @acme/topics",
  ],
  args: {
    ...REGISTRY_ARGS,
    step: { type: "positional", description: `${VERSION_STEPS.join(", ")}, or a version`, required: true },
    file: { type: "positional", description: "The adapter; ./adapter.safetensors when left out", required: false },
    name: { type: "string", description: "@scope/name; the one in the file when left out", valueHint: "name" },
  },
  run: async ({ args, output }) => {
    const path = args.file ?? "adapter.safetensors";
    const file = await readFile(path).catch((cause: unknown) => {
      throw fileError(cause, `read "${path}"`);
    });
    const said = await readManifest(file).catch((cause: unknown) => {
      throw restate(cause, `count "${path}" on`, "Pass the file that graft train wrote");
    });
    const name = args.name ?? said.name;
    if (name === undefined)
      throw new GraftError("USAGE", `Cannot count "${path}" on: the adapter has no name yet`, { hint: "Pass --name @scope/name" });
    const step = VERSION_STEPS.find((known) => known === args.step);
    const from = said.name === name && said.version !== undefined ? said.version : step && (await newestPublished(name, args));
    const next = step === undefined ? checked(Version, args.step, "version") : following(from, step);
    const { bytes } = await prepareVersion(file, { name, version: next });
    await writeFileWhole(path, bytes, { overwrite: true });
    output.line(`v${next}`);
    output.note(`${path} is ${name}@${next}${from === undefined ? "" : `, after ${from}`}; publish it with: graft publish ${path}`);
    output.result({ file: path, name, version: next, previous: from });
  },
});

/** Of an adapter that was never published, the first version of a kind. */
function following(from: string | undefined, step: VersionStep): string {
  if (from !== undefined) return nextVersion(from, step);
  return step === "patch" || step === "minor" ? "1.0.0" : nextVersion("0.0.0", step);
}

/** A file that was trained again says no version: the registry knows which one comes before. Undefined where there is none, or no registry. */
async function newestPublished(
  name: string,
  args: { registry?: string | undefined; token?: string | undefined },
): Promise<string | undefined> {
  try {
    const { registry } = await openClient(args, name);
    const { versions } = await registry.adapter(name, { limit: 1 });
    return versions[0]?.version;
  } catch (cause) {
    if (isGraftError(cause) && (cause.code === "NOT_FOUND" || cause.code === "REGISTRY_NOT_SET")) return undefined;
    throw cause;
  }
}
