import type { Digest } from "@graft/digest";

/** What is signed of a version: a name, the bytes it stands for, and the base they were trained on. */
export interface VersionStatement {
  readonly kind: "graft-version-1";
  readonly name: string;
  readonly version: string;
  readonly digest: Digest;
  readonly base: Digest;
}

/** The statement of a version; `kind` keeps a signature from being read as one over something else. */
export function versionStatement(version: Omit<VersionStatement, "kind">): VersionStatement {
  const { name, version: number, digest, base } = version;
  return { kind: "graft-version-1", name, version: number, digest, base };
}
