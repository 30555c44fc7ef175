import { join } from "node:path";
import { createClient } from "@graft/client/node";
import { hashFile } from "@graft/digest/node";
import { GraftError } from "@graft/error";
import type { RunningServer } from "@graft/server";
import { formatBytes } from "@graft/terminal";
import type { TinyEnglish } from "./open-tiny-english.ts";
import type { Run } from "./quickstart.ts";
import { line } from "./say.ts";

/** A second client, without a token and with an empty cache: asks by the digest of its base file, pulls and verifies. */
export async function findAndPull(
  { folder, signal }: Run,
  { server, tiny }: { server: RunningServer; tiny: TinyEnglish },
): Promise<{ path: string; size: number }> {
  const client = await createClient({ registry: server.url, cache: join(folder, "cache"), environment: {} });
  const [file = ""] = tiny.base.files;
  const { digest } = await hashFile(file);
  line(`The file's digest is ${digest}`);
  const { matches } = await client.registry.find({ fileDigest: digest });
  const [best] = matches;
  if (best === undefined) throw new GraftError("NOT_FOUND", "Cannot find an adapter for the base: the registry knows none");
  line(`${matches.length} adapter fits: ${best.name}@${best.version}, ${best.present} of ${best.targets} targets, by ${best.fit}`);
  const { path, record } = await client.pull(`${best.name}@${best.version}`, { signal });
  const held = await hashFile(path);
  if (held.digest !== record.digest)
    throw new GraftError("DIGEST_MISMATCH", `Cannot use the adapter: its digest is ${held.digest}, not ${record.digest}`);
  line(`Pulled ${formatBytes(held.size)}; signature and digest are right: ${held.digest}`);
  return { path, size: held.size };
}
