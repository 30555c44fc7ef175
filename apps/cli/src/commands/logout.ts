import { readConfiguration, userFolders, writeConfiguration } from "@graft/client/node";
import { normaliseRegistry } from "@graft/client";
import { GraftError } from "@graft/error";
import { command } from "../command.ts";

/** `graft logout`: forgets the token of a registry. */
export const logout = command({
  name: "logout",
  description: "Forget the token of a registry",
  examples: ["graft logout", "graft logout --registry http://127.0.0.1:7447"],
  args: {
    registry: { type: "string", description: "Address of the registry; the one you logged in to last when left out", valueHint: "url" },
  },
  run: async ({ args, output }) => {
    const path = userFolders(process.env).configuration;
    const { registry: current, tokens = {}, ...rest } = await readConfiguration(path);
    const registry = args.registry === undefined ? current : normaliseRegistry(args.registry);
    if (registry === undefined || tokens[registry] === undefined) {
      throw new GraftError("REGISTRY_NOT_SET", `Cannot log out: no token is kept${registry === undefined ? "" : ` for ${registry}`}`);
    }
    const { [registry]: _, ...others } = tokens;
    await writeConfiguration(path, {
      ...rest,
      ...(current === registry || current === undefined ? {} : { registry: current }),
      tokens: others,
    });
    output.line(`Logged out of ${registry}`);
    output.result({ registry });
  },
});
