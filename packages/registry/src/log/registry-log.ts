import { GraftError } from "@graft/error";
import type { Consistency, KeyList, LogHead, Resolutions, ResolutionStatement, Rotation, VersionProof } from "@graft/protocol";
import type { StoredKey, StoredLogEntry } from "@graft/storage";
import { consistencyProof, type Hash, inclusionProof, logOrigin, resolutionStatement, signHead, toBase64, treeRoot } from "@graft/trust";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { logHashes } from "./log-hashes.ts";

/** How old a head gets before it is signed anew, in milliseconds. */
const FRESH = 60_000;

/** Times that an answer is made again because the log grew meanwhile. */
const ATTEMPTS = 10;

/** A signed head of this registry's log. */
interface Head {
  readonly size: number;
  readonly time: number;
  readonly checkpoint: string;
}

/** The log of a registry as it is shown: signed heads, and proofs under them. */
export class RegistryLog {
  readonly #parts: Pick<RegistryParts, "metadata" | "key" | "keyCreatedAt" | "clock">;
  readonly #read: ReturnType<typeof logHashes>;
  #head: Head | undefined;

  constructor(parts: Pick<RegistryParts, "metadata" | "key" | "keyCreatedAt" | "clock">) {
    this.#parts = parts;
    this.#read = logHashes(parts.metadata.log);
  }

  /** The head of now. UNAVAILABLE when the registry signs with another key than this server has. */
  async head(): Promise<Head> {
    const { metadata, key, clock } = this.#parts;
    const size = await metadata.log.size();
    const time = clock().getTime();
    if (this.#head?.size === size && Math.abs(time - this.#head.time) < FRESH) return this.#head;
    const [first] = await this.keys();
    const head = { origin: logOrigin(first), size, root: await treeRoot(size, this.#read), time };
    this.#head = { size, time, checkpoint: await signHead(head, key) };
    return this.#head;
  }

  /** The head of now, going on from the first `since` entries. USAGE when there never were so many. */
  async shown(since: number | undefined): Promise<LogHead> {
    const head = await this.head();
    return { checkpoint: head.checkpoint, ...(await this.#consistency(since, head)) };
  }

  /** Proves an entry under the head of now, and signs what `resolve` gives, if it is given, for that very head. */
  async prove(
    entry: StoredLogEntry,
    {
      since,
      resolve,
    }: {
      readonly since: number | undefined;
      readonly resolve?: (() => Promise<Pick<ResolutionStatement, "name" | "wanted" | "version">>) | undefined;
    },
  ): Promise<VersionProof> {
    for (let attempt = 1; ; attempt++) {
      const head = await this.head();
      const resolved = await resolve?.();
      // What was read belongs to the head only if nothing was written in between.
      if (resolved !== undefined && attempt < ATTEMPTS && (await this.#parts.metadata.log.size()) !== head.size) continue;
      const { position, text, salt } = entry;
      const statement = resolved && resolutionStatement({ ...resolved, size: head.size });
      return {
        checkpoint: head.checkpoint,
        ...(await this.#consistency(since, head)),
        entry: { position, text, ...given({ salt }) },
        inclusion: texts(await inclusionProof(position, head.size, this.#read)),
        ...given({ resolution: statement && { statement, signatures: [await this.#parts.key.sign(statement)] } }),
      };
    }
  }

  /** Signs what many tags and ranges stand for under one head; null where `resolve` gives nothing. */
  async resolveAll(resolve: () => Promise<(Pick<ResolutionStatement, "name" | "wanted" | "version"> | undefined)[]>): Promise<Resolutions> {
    for (let attempt = 1; ; attempt++) {
      const head = await this.head();
      const resolved = await resolve();
      if (attempt < ATTEMPTS && (await this.#parts.metadata.log.size()) !== head.size) continue;
      const signed = resolved.map(async (found) => {
        const statement = found && resolutionStatement({ ...found, size: head.size });
        return statement === undefined ? null : { statement, signatures: [await this.#parts.key.sign(statement)] };
      });
      return { checkpoint: head.checkpoint, resolutions: await Promise.all(signed) };
    }
  }

  /** Hashes of a part of the tree. */
  hashes(level: number, range: { readonly begin: number; readonly end: number }): Promise<readonly Hash[]> {
    return this.#read(level, range);
  }

  /** All keys, the first one first. */
  async keys(): Promise<[StoredKey, ...StoredKey[]]> {
    const { metadata, key, keyCreatedAt } = this.#parts;
    let keys = await metadata.log.keys();
    if (keys.length === 0) {
      await metadata.log.adoptKey({ ...key.public, createdAt: keyCreatedAt });
      keys = await metadata.log.keys();
    }
    const [first, ...rest] = keys;
    if (first === undefined) throw new GraftError("INTERNAL", "The registry has no key");
    if (keys.at(-1)?.id !== key.public.id) {
      throw new GraftError("UNAVAILABLE", `Cannot sign: the registry signs with ${keys.at(-1)?.id}, this server has ${key.public.id}`, {
        hint: "Give every server the same signing key, and start them again after it changed",
      });
    }
    return [first, ...rest];
  }

  /** The keys as they are shown. */
  async keyList(): Promise<KeyList> {
    const stored = await this.keys();
    return {
      keys: stored.toReversed().map(({ id, key, createdAt }) => ({ id, key, algorithm: "ed25519" as const, createdAt })),
      rotations: stored.flatMap(({ rotation }) => (rotation === undefined ? [] : [JSON.parse(rotation) as Rotation])),
    };
  }

  async #consistency(since: number | undefined, head: Head): Promise<{ consistency?: Consistency }> {
    // A tree that is larger than this one is shown as it is: the asker sees that it shrank.
    if (since === undefined || since > head.size) return {};
    return { consistency: { from: since, hashes: texts(await consistencyProof(since, head.size, this.#read)) } };
  }
}

function texts(hashes: readonly Hash[]): string[] {
  return hashes.map(toBase64);
}
