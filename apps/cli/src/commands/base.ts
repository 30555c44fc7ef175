import { resolve } from "node:path";
import { identifyBase, openBase } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import { command, commandGroup } from "../command.ts";
import { readLocalBases, writeLocalBases } from "../local-bases.ts";
import { publishBase } from "../base/publish-base.ts";

const add = command({
  name: "base add",
  description: "Give a base a name on this machine; nothing is copied",
  examples: ["graft base add ./minilm --name minilm", "graft base add ./exports/model.onnx --name minilm-onnx"],
  args: {
    path: { type: "positional", description: "Checkpoint folder or ONNX file", required: true },
    name: { type: "string", description: "What to call it; the base's own name when left out", valueHint: "name" },
  },
  run: async ({ args, output }) => {
    const path = resolve(args.path);
    const base = await openBase(path);
    const name = args.name ?? base.name;
    if (name.trim() === "" || /^[./]/.test(name))
      throw new GraftError("USAGE", `Cannot call a base "${name}": a name does not start with "." or "/"`, { hint: "Pass another --name" });
    const bases = await readLocalBases();
    const known = Object.hasOwn(bases, name) ? bases[name] : undefined;
    if (known !== undefined && known.path !== path)
      throw new GraftError("CONFLICT", `Cannot call the base "${name}": that is ${known.path}`, {
        hint: `Pass another --name, or run: graft base remove ${name}`,
      });
    const { reference } = await identifyBase(base);
    await writeLocalBases({ ...bases, [name]: { path, fingerprint: reference.fingerprint } });
    output.line(`${name}  ${reference.fingerprint}`);
    output.result({ name, path, fingerprint: reference.fingerprint });
  },
});

const list = command({
  name: "base list",
  description: "List the bases of the local store",
  examples: ["graft base list", "graft base list --json"],
  args: {},
  run: async ({ output }) => {
    const bases = Object.entries(await readLocalBases());
    if (bases.length === 0) output.line("None yet: graft base add <path> --name <name>");
    else
      output.table(
        bases.map(([name, { path, fingerprint }]) => [name, fingerprint, path]),
        { head: ["name", "fingerprint", "path"] },
      );
    output.result(bases.map(([name, base]) => ({ name, ...base })));
  },
});

const remove = command({
  name: "base remove",
  description: "Forget the name of a base; its files stay",
  examples: ["graft base remove minilm"],
  args: { name: { type: "positional", description: "Name in the local store", required: true } },
  run: async ({ args, output }) => {
    const bases = await readLocalBases();
    if (!Object.hasOwn(bases, args.name))
      throw new GraftError("FILE_NOT_FOUND", `Cannot remove the base "${args.name}": the local store has none of that name`, {
        hint: "See graft base list",
      });
    const { [args.name]: _, ...rest } = bases;
    await writeLocalBases(rest);
    output.line(`Removed ${args.name}`);
    output.result({ name: args.name });
  },
});

/** `graft base`: names for bases on this machine, and their records in a registry. */
export const base = commandGroup({
  name: "base",
  description: "Name, list and register bases",
  commands: { add, list, remove, publish: publishBase },
});
