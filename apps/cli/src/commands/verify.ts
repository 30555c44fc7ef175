import { stat } from "node:fs/promises";
import type { AdapterClient, VerifiedVersion } from "@graft/client";
import { hashFile } from "@graft/digest/node";
import { GraftError } from "@graft/error";
import { command } from "../command.ts";
import { MAX_AGE_ARG, openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft verify`: everything that a registry claims of a version, checked. */
export const verify = command({
  name: "verify",
  description: "Check signatures, log and bytes of a published version, or of the version that a file is",
  examples: ["graft verify @acme/topics@^1", "graft verify ./adapter.safetensors --registry http://127.0.0.1:7447"],
  args: {
    ...REGISTRY_ARGS,
    ...MAX_AGE_ARG,
    what: { type: "positional", description: "@scope/name@range, or a file", required: true },
  },
  run: async ({ args, output, signal }) => {
    const isFile = /^[./]/.test(args.what) || (await stat(args.what).catch(() => undefined))?.isFile() === true;
    const client = await openClient(args, isFile ? undefined : args.what);
    const verified = isFile ? await verifyFile(client, args.what, signal) : [await verifyVersion(client, args.what, signal)];
    for (const { record, checked } of verified) {
      output.line(`${record.name}@${record.version}: verified`);
      output.table(facts({ record, checked }).map(([name, value]) => [`  ${name}`, value]));
    }
    output.result(
      verified.map((version) => ({ name: version.record.name, version: version.record.version, ...Object.fromEntries(facts(version)) })),
    );
  },
});

/** A version by name: its bytes are fetched too, since a digest that nothing has is no use. */
async function verifyVersion(client: AdapterClient, specifier: string, signal: AbortSignal): Promise<VerifiedVersion> {
  const verified = await client.verify(specifier, { signal });
  await client.fetch(verified.record, { signal });
  return verified;
}

/** A file by its digest: every version that has these bytes, and each must hold. */
async function verifyFile(client: AdapterClient, path: string, signal: AbortSignal): Promise<VerifiedVersion[]> {
  const { digest } = await hashFile(path);
  const versions = (await client.registry.which(digest)).versions.filter((version) => version.of === "file");
  if (versions.length === 0) {
    throw new GraftError("NOT_FOUND", `Cannot verify "${path}": no version of ${client.registry.connection.registry} has its bytes`, {
      hint: "A file of graft train has no name yet: publishing writes a copy that has one",
      detail: { digest },
    });
  }
  return Promise.all(
    versions.map(async ({ name, version }) => {
      const verified = await client.verify(`${name}@${version}`, { signal });
      if (verified.record.digest !== digest) {
        throw new GraftError("DIGEST_MISMATCH", `Cannot verify "${path}": ${name}@${version} has other bytes`, {
          detail: { expected: verified.record.digest, found: digest },
        });
      }
      return verified;
    }),
  );
}

function facts({ record, checked }: VerifiedVersion): [string, string][] {
  const signedBy = record.signatures.flatMap(({ publicKey, key }) => (publicKey === undefined ? [] : [key]));
  const author =
    checked.author === undefined ? (signedBy.length === 0 ? "none" : `${signedBy.join(", ")}, not pinned`) : `${checked.author.id}, pinned`;
  return [
    ["digest", record.digest],
    ["base", record.base],
    ["registry's key", checked.key.id],
    ["author's key", author],
    ["log", `entry ${checked.position} of ${checked.head.size} in ${checked.head.origin}`],
    ["as of", new Date(checked.head.time).toISOString()],
  ];
}
