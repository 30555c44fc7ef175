import { readSettings, rotateKey } from "@graft/server";
import { command, commandGroup } from "../command.ts";

const rotate = command({
  name: "server rotate-key",
  description: "Give a registry a new signing key; clients follow, because the old key signs the change",
  examples: ["graft server rotate-key --data ./registry", "graft server rotate-key --data ./registry --revoke"],
  args: {
    data: { type: "string", description: "Folder of the registry (or GRAFT_DATA)", valueHint: "folder" },
    revoke: { type: "boolean", description: "The old key may be in other hands: it proves only what is in the log already" },
  },
  run: async ({ args, output }) => {
    const settings = readSettings({ ...process.env, ...(args.data === undefined ? {} : { GRAFT_DATA: args.data }) });
    const rotated = await rotateKey(settings, { revoked: args.revoke === true });
    output.line(`The registry signs with ${rotated.next} now, its key number ${rotated.number}; before it was ${rotated.previous}`);
    output.note("Start its servers again: until then they answer that they cannot sign");
    output.result(rotated);
  },
});

/** `graft server`: the registry of a data folder, looked after. */
export const server = commandGroup({ name: "server", description: "Look after a registry's data", commands: { "rotate-key": rotate } });
