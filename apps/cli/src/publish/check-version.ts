import type { AdapterClient } from "@graft/client";
import { isGraftError } from "@graft/error";
import { openAdapter, validateAdapter, type PreparedVersion, type TargetDelta } from "@graft/format";
import { openClient } from "../registry-options.ts";

/** What was checked without sending anything; `skipped` says why a check could not be made. */
export interface DryRun {
  readonly deltas: readonly TargetDelta[];
  readonly skipped: readonly string[];
}

/** Checks a version against what the registry knows of its base, by the code that the registry runs. */
export async function checkVersion(
  prepared: PreparedVersion,
  args: { readonly registry?: string | undefined; readonly token?: string | undefined },
): Promise<DryRun> {
  const { manifest, bytes } = prepared;
  const client = await openClient(args, manifest.name).catch((cause: unknown) => {
    if (isGraftError(cause) && cause.code === "REGISTRY_NOT_SET") return undefined;
    throw cause;
  });
  if (client === undefined) return { deltas: [], skipped: ["no registry is set, so nothing was checked against the base's record"] };
  const base = await client.registry.base(manifest.base.fingerprint).catch((cause: unknown) => {
    if (isGraftError(cause) && cause.code === "NOT_FOUND") return undefined;
    throw cause;
  });
  const taken = await isTaken(client, manifest);
  const skipped = taken ? [`${manifest.name}@${manifest.version} is published already; other bytes would be refused`] : [];
  if (base === undefined)
    return { deltas: [], skipped: [...skipped, `the registry does not know the base "${manifest.base.name}": graft base publish first`] };
  const adapter = await openAdapter(bytes);
  try {
    return { deltas: await validateAdapter(adapter, base), skipped };
  } finally {
    await adapter.close();
  }
}

async function isTaken({ registry }: AdapterClient, { name, version }: { name: string; version: string }): Promise<boolean> {
  try {
    await registry.version(name, version);
    return true;
  } catch (cause) {
    if (isGraftError(cause) && (cause.code === "NOT_FOUND" || cause.code === "WITHDRAWN")) return cause.code === "WITHDRAWN";
    throw cause;
  }
}
