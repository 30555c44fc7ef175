import { createClient, readConfiguration, userFolders, writeConfiguration } from "@graft/client/node";
import { normaliseRegistry } from "@graft/client";
import { GraftError, isGraftError } from "@graft/error";
import { command } from "../command.ts";

/** `graft logout`: makes the token of a sign-in useless, and forgets it. */
export const logout = command({
  name: "logout",
  description: "Revoke the token that graft login got, and forget it",
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
    const revoked = await revoke(registry, tokens[registry]);
    output.line(`Logged out of ${registry}`);
    if (!revoked.done) output.note(`The token was forgotten here, not revoked: ${revoked.why}`);
    output.result({ registry, revoked: revoked.done });
  },
});

/** Revokes the token of a person's sign-in; one of the registry's own was made for more than this machine. */
async function revoke(registry: string, token: string): Promise<{ done: boolean; why: string }> {
  try {
    const client = await createClient({ registry, token });
    const { id, user } = await client.registry.whoami();
    if (user === undefined) return { done: false, why: `it belongs to no account (graft token revoke ${id})` };
    await client.registry.revokeToken(id);
    return { done: true, why: "" };
  } catch (cause) {
    if (!isGraftError(cause)) throw cause;
    return { done: false, why: cause.message };
  }
}
