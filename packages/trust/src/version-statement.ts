import type { Digest } from "@graft/digest";

/** What is signed of a version: a name, the bytes it stands for, the base they were trained on, and the files beside them. */
export interface VersionStatement {
  readonly kind: "graft-version-1";
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
  readonly base: Digest;
  /** Digests of the files beside the adapter, by path; absent when there are none. */
  readonly files?: Readonly<Record<string, Digest>>;
}

/** What a statement is made of. */
export interface StatedVersion extends Pick<VersionStatement, "name" | "version" | "digest" | "base"> {
  readonly files?: readonly { readonly path: string; readonly digest: Digest }[] | undefined;
}

/** The statement of a version; `kind` keeps a signature from being read as one over something else. */
export function versionStatement(version: StatedVersion): VersionStatement {
  const { name, version: number, digest, base, files = [] } = version;
  const stated = { kind: "graft-version-1", name, version: number, digest, base } as const;
  return files.length === 0 ? stated : { ...stated, files: Object.fromEntries(files.map((file) => [file.path, file.digest])) };
}
