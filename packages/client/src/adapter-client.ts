import { sha256 } from "@graft/digest";
import { GraftError, isGraftError } from "@graft/error";
import type { Access, Published, VersionRecord } from "@graft/protocol";
import { highestVersion, parseSpecifier, type PreparedVersion } from "@graft/format";
import { verifyStatement, versionStatement } from "@graft/trust";
import type { AdapterCache } from "./cache/adapter-cache.ts";
import { RegistryClient } from "./client.ts";
import type { Progress } from "./download.ts";
import type { Connection } from "./http.ts";
import type { KeyStore } from "./key-store.ts";

/** Faults after which the bytes so far are of no use, or in the way. */
const USELESS: ReadonlySet<string> = new Set(["DIGEST_MISMATCH", "DISK_FULL"]);

/** What a transfer takes besides what is transferred. */
export interface TransferOptions {
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An adapter that is in the cache, its bytes equal to the digest that the registry signed. */
export interface Pulled {
  readonly path: string;
  readonly record: VersionRecord;
  /** Whether the bytes were in the cache already. */
  readonly cached: boolean;
}

/** A registry, a cache and the keys that are trusted: pulls verified adapters and publishes. */
export class AdapterClient {
  readonly registry: RegistryClient;
  readonly #cache: AdapterCache;
  readonly #keys: KeyStore;
  readonly #pulling = new Map<string, Promise<{ path: string; cached: boolean }>>();

  constructor(options: Connection & { cache: AdapterCache; keys: KeyStore }) {
    const { cache, keys, ...connection } = options;
    this.registry = new RegistryClient(connection);
    this.#cache = cache;
    this.#keys = keys;
  }

  /** Fetches `@scope/name@range` into the cache: signature first, then the bytes against the signed digest. */
  async pull(reference: string, options: TransferOptions = {}): Promise<Pulled> {
    const record = await this.resolve(reference, options);
    return { ...(await this.fetch(record, options)), record };
  }

  /** The best version for `@scope/name@range`, its signature checked; nothing is fetched. NOT_FOUND, SIGNATURE_INVALID. */
  async resolve(reference: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<VersionRecord> {
    const { name, range, tag = "latest" } = parseSpecifier(reference);
    const record = await this.registry.resolve(name, { range: range ?? tag, signal: options.signal });
    if (range !== undefined && highestVersion([record.version], range) === undefined) {
      throw new GraftError("SIGNATURE_INVALID", `Cannot accept the answer of the registry: ${record.version} is not in "${range}"`);
    }
    await this.#verify(record, name);
    return record;
  }

  /** Fetches the bytes of a version into the cache; one download per digest in this process, others are told apart by their process id. */
  async fetch(blob: Pick<VersionRecord, "digest" | "size">, options: TransferOptions = {}): Promise<{ path: string; cached: boolean }> {
    const running = this.#pulling.get(blob.digest);
    if (running !== undefined) return running;
    const work = this.#fetchOnce(blob, options).finally(() => this.#pulling.delete(blob.digest));
    this.#pulling.set(blob.digest, work);
    return work;
  }

  /** Publishes packed bytes: uploads the blob, then names it. The digest and size are those of the bytes. */
  async publish(
    adapter: PreparedVersion & { readonly tag?: string | undefined; readonly access?: Access | undefined },
    options: TransferOptions = {},
  ): Promise<Published> {
    const { bytes, manifest, tensorsDigest, tag, access } = adapter;
    const digest = await sha256(bytes);
    await this.registry.upload({ digest, bytes, ...options });
    return this.registry.publish({
      name: manifest.name,
      version: manifest.version,
      digest,
      size: bytes.length,
      tensorsDigest,
      manifest,
      ...(tag === undefined ? {} : { tag }),
      ...(access === undefined ? {} : { access }),
    });
  }

  async #verify(record: VersionRecord, name: string): Promise<void> {
    if (record.name !== name)
      throw new GraftError("SIGNATURE_INVALID", `Cannot accept the answer of the registry: it names "${record.name}", not "${name}"`);
    const keys = await this.#keys.pinned(this.registry.connection.registry, async () => (await this.registry.keys()).keys);
    const statement = versionStatement({ name, version: record.version, digest: record.digest, base: record.base });
    await verifyStatement(statement, { signatures: record.signatures, keys }).catch((cause: unknown) => {
      const { registry } = this.registry.connection;
      throw new GraftError(
        "SIGNATURE_INVALID",
        `Cannot trust ${name}@${record.version} of ${registry}: no key that is trusted for it signed this`,
        {
          hint: `Do not use it. If you set the registry up anew, remove ${registry} from ${this.#keys.place}`,
          cause,
          detail: { trusted: keys.map(({ id }) => id), signedBy: record.signatures.map(({ key }) => key) },
        },
      );
    });
  }

  async #fetchOnce(
    { digest, size }: Pick<VersionRecord, "digest" | "size">,
    options: TransferOptions,
  ): Promise<{ path: string; cached: boolean }> {
    const cached = await this.#cache.find(digest);
    if (cached !== undefined) return { path: cached, cached: true };
    const sink = await this.#cache.open(digest);
    try {
      await this.registry.download({ digest, size, sink, ...options });
    } catch (cause) {
      await (isGraftError(cause) && USELESS.has(cause.code) ? sink.discard() : sink.close());
      throw cause;
    }
    return { path: await sink.commit(), cached: false };
  }
}
