import type { Digest } from "@graft/digest";
import type { Manifest } from "./manifest.ts";
import { checked, Name, Version } from "./names.ts";
import { openAdapter } from "./open-adapter.ts";
import { packAdapter } from "./pack-adapter.ts";

/** What a publisher says of a version; what is left out stays as the manifest has it. */
export interface VersionFacts {
  readonly name: string;
  readonly version: string;
  readonly description?: string | undefined;
  readonly license?: string | undefined;
  readonly keywords?: readonly string[] | undefined;
  /** BCP 47 tags. */
  readonly languages?: readonly string[] | undefined;
}

/** An adapter that says its own name and version, ready to be published. */
export interface PreparedVersion {
  readonly bytes: Uint8Array;
  readonly manifest: Manifest & { name: string; version: string };
  readonly tensorsDigest: Digest;
}

/** Writes the copy of an adapter that is published: the same tensors, a manifest with name and version. The same facts give the same bytes. */
export async function prepareVersion(bytes: Uint8Array, facts: VersionFacts): Promise<PreparedVersion> {
  const adapter = await openAdapter(bytes);
  try {
    const { description, license, keywords, languages } = facts;
    const manifest = {
      ...adapter.manifest,
      name: checked(Name, facts.name, "name"),
      version: checked(Version, facts.version, "version"),
      ...(description === undefined ? {} : { description }),
      ...(license === undefined ? {} : { license }),
      ...(keywords === undefined ? {} : { keywords: [...keywords] }),
      ...(languages === undefined ? {} : { languages: [...languages] }),
    };
    const tensors = new Map(
      await Promise.all([...adapter.header.tensors.keys()].map(async (key) => [key, await adapter.tensor(key)] as const)),
    );
    return { bytes: packAdapter({ manifest, tensors }), manifest, tensorsDigest: adapter.tensorsDigest };
  } finally {
    await adapter.close();
  }
}
