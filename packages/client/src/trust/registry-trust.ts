import { GraftError, isGraftError } from "@graft/error";
import type { VersionProof, VersionRecord } from "@graft/protocol";
import {
  type CheckedVersion,
  checkVersion,
  firstKeys,
  followRotations,
  fromBase64,
  HEAD_LIFETIME,
  keyChanged,
  toBase64,
  type TrustedKeys,
  type VerifyingKey,
} from "@graft/trust";
import type { RegistryClient } from "../client.ts";
import type { KnownRegistry, TrustStore } from "./trust-store.ts";

/** What answers of a registry are held against. */
export interface TrustOptions {
  readonly store: TrustStore;
  /** Keys of authors by `@scope/name` or `@scope`: their adapters must be signed by them. */
  readonly authors?: Readonly<Record<string, VerifyingKey>> | undefined;
  /** Milliseconds that a tree head may be old; 24 hours when left out. */
  readonly lifetime?: number | undefined;
  readonly clock?: (() => number) | undefined;
}

/** What was asked for. */
export interface Asked {
  readonly name: string;
  readonly wanted?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One registry as it is trusted: pins its key, follows its changes, remembers its log, and checks versions against all of it. */
export class RegistryTrust {
  readonly #registry: RegistryClient;
  readonly #options: TrustOptions;

  constructor(registry: RegistryClient, options: TrustOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  /** What is remembered of the registry; its keys are pinned now if nothing is. KEY_CHANGED when its own chain of keys is broken. */
  async known(): Promise<KnownRegistry> {
    const known = await this.#options.store.read(this.#address);
    if (known !== undefined) return known;
    const { keys, rotations } = await this.#registry.keys();
    const first = keys.at(-1);
    if (first === undefined) throw new GraftError("SIGNATURE_INVALID", `Cannot trust ${this.#address}: it has no key`);
    const pinned = await followRotations(firstKeys(first), rotations);
    if (pinned.current.id !== keys[0]?.id) throw keyChanged(pinned, "no chain of changes leads to the key that it shows");
    await this.#options.store.write(this.#address, pinned);
    return pinned;
  }

  /** Checks a version by its proof and remembers the log. Every way to fail has its code: see checkVersion of `@graft/trust`. */
  async check(record: VersionRecord, proof: VersionProof, asked: Asked): Promise<CheckedVersion> {
    const known = await this.known();
    const checked = await this.#check(record, proof, { asked, known }).catch(async (cause: unknown) => {
      const next = isGraftError(cause) && cause.code === "SIGNATURE_INVALID" ? await this.#laterKeys(known) : undefined;
      if (next === undefined) throw cause;
      return this.#check(record, proof, { asked, known: { ...known, ...next } });
    });
    const { size, root, time } = checked.head;
    const { origin, number, current, retired } = checked.keys;
    if (known.head?.size !== size || known.number !== number)
      await this.#options.store.write(this.#address, {
        origin,
        number,
        current,
        retired,
        head: { size, root: toBase64(root), signedAt: new Date(time).toISOString() },
      });
    return checked;
  }

  async #check(
    record: VersionRecord,
    proof: VersionProof,
    { asked, known }: { asked: Asked; known: KnownRegistry },
  ): Promise<CheckedVersion & { keys: TrustedKeys }> {
    const { clock = Date.now, lifetime = HEAD_LIFETIME, authors = {} } = this.#options;
    const checked = await checkVersion(record, proof, {
      keys: known,
      remembered: known.head && { size: known.head.size, root: fromBase64(known.head.root) },
      now: clock(),
      lifetime,
      name: asked.name,
      wanted: asked.wanted,
      author: authors[asked.name] ?? authors[asked.name.slice(0, asked.name.indexOf("/"))],
    });
    return { ...checked, keys: known };
  }

  /** The keys that the registry has come to since; undefined when it still has the same. KEY_CHANGED when nothing leads to those it shows. */
  async #laterKeys(known: KnownRegistry): Promise<TrustedKeys | undefined> {
    const { keys, rotations } = await this.#registry.keys();
    const hint = `Do not use what it gives. If the registry was set up anew, remove ${this.#address} from ${this.#options.store.place}`;
    const later = await followRotations(known, rotations);
    if (keys[0]?.id !== later.current.id) {
      const { message, detail = {} } = keyChanged(
        known,
        `it shows ${keys[0]?.id}, and no change signed by ${known.current.id} leads there`,
      );
      throw new GraftError("KEY_CHANGED", message, { hint, detail });
    }
    return later.number === known.number ? undefined : later;
  }

  get #address(): string {
    return this.#registry.connection.registry;
  }
}
