import { createHasher } from "@graft/digest";
import type { StoredVersion } from "@graft/storage";
import type { RegistryParts } from "../../context.ts";
import { bytesOf } from "../bytes.ts";
import { packageFiles } from "./package-files.ts";
import { tarball } from "./tarball.ts";

/** A package's subresource integrity and its size in bytes. */
export interface PackageHash {
  readonly integrity: string;
  readonly size: number;
}

/** Hashes packages and remembers what came of it: a version and its package never change. */
export class PackageHashes {
  readonly #parts: Pick<RegistryParts, "blobs">;
  readonly #known = new Map<string, Promise<PackageHash>>();

  constructor(parts: Pick<RegistryParts, "blobs">) {
    this.#parts = parts;
  }

  /** Makes the package once; the same version asked for twice at once is hashed once. */
  of(version: StoredVersion): Promise<PackageHash> {
    const key = `${version.name}@${version.version} ${version.digest}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.delete(this.#known.keys().next().value ?? "");
    const hash = this.#hash(version);
    this.#known.set(key, hash);
    hash.catch(() => this.#known.delete(key));
    return hash;
  }

  async #hash(version: StoredVersion): Promise<PackageHash> {
    const hasher = await createHasher("sha512");
    let size = 0;
    for await (const piece of tarball(packageFiles(version), (file) => bytesOf(this.#parts, file))) {
      hasher.update(piece);
      size += piece.length;
    }
    return { integrity: `sha512-${btoa(String.fromCharCode(...hasher.digest()))}`, size };
  }
}

/** Hashes that are kept: a few megabytes. */
const REMEMBERED = 10_000;
