import { sha256 } from "@graft/digest";
import { GraftError, isGraftError } from "@graft/error";
import type {
  Access,
  AttachedFile,
  AttachedName,
  AuthorSignature,
  Published,
  PublishRequest,
  Staged,
  VersionRecord,
} from "@graft/protocol";
import { highestVersion, parseSpecifier, type PreparedVersion } from "@graft/format";
import { type CheckedVersion, type SigningKey, versionStatement } from "@graft/trust";
import type { AdapterCache } from "./cache/adapter-cache.ts";
import { RegistryClient } from "./client.ts";
import type { Progress } from "./download.ts";
import type { Connection } from "./http.ts";
import { type Asked, RegistryTrust, type TrustOptions } from "./trust/registry-trust.ts";

/** Faults after which the bytes so far are of no use, or in the way. */
const USELESS: ReadonlySet<string> = new Set(["DIGEST_MISMATCH", "LIMIT_EXCEEDED", "DISK_FULL"]);

/** Times that an answer and its proof are asked for when they do not belong together. */
const ATTEMPTS = 3;

/** Times that bytes are uploaded for one publish. */
const UPLOADS = 3;

/** What a transfer takes besides what is transferred. */
export interface TransferOptions {
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is published: the adapter, who may read it, and the files beside it. */
export interface NewVersion extends PreparedVersion {
  readonly tag?: string | undefined;
  readonly access?: Access | undefined;
  readonly files?: readonly { readonly path: AttachedName; readonly bytes: Uint8Array }[] | undefined;
  /** Signs the version too, beside the registry. */
  readonly author?: SigningKey | undefined;
}

/** An adapter that is in the cache, its bytes equal to the digest that the registry signed. */
export interface Pulled {
  readonly path: string;
  readonly record: VersionRecord;
  /** Whether the bytes were in the cache already. */
  readonly cached: boolean;
}

/** A version, and what was found true of it. */
export interface VerifiedVersion {
  readonly record: VersionRecord;
  readonly checked: CheckedVersion;
}

/** A registry, a cache and the keys that are trusted: pulls verified adapters and publishes. */
export class AdapterClient {
  readonly registry: RegistryClient;
  readonly trust: RegistryTrust;
  readonly #cache: AdapterCache;
  readonly #pulling = new Map<string, Promise<{ path: string; cached: boolean }>>();

  constructor(options: Connection & { cache: AdapterCache; trust: TrustOptions }) {
    const { cache, trust, ...connection } = options;
    this.registry = new RegistryClient(connection);
    this.#cache = cache;
    this.trust = new RegistryTrust(this.registry, trust);
  }

  /** Fetches `@scope/name@range` into the cache: signature first, then the bytes against the signed digest. */
  async pull(reference: string, options: TransferOptions = {}): Promise<Pulled> {
    const record = await this.resolve(reference, options);
    return { ...(await this.fetch(record, options)), record };
  }

  /** The best version for `@scope/name@range`, proved; nothing is fetched. NOT_FOUND, and what RegistryTrust says of answers that are not to be trusted. */
  async resolve(reference: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<VersionRecord> {
    return (await this.verify(reference, options)).record;
  }

  /** Checks all that a registry says of a version, and gives what was found true. */
  async verify(reference: string, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<VerifiedVersion> {
    const { name, range, tag = "latest" } = parseSpecifier(reference);
    return this.#resolve({ name, range, wanted: range ?? tag, signal: options.signal });
  }

  /** Checks a version that was found by the digest of its bytes. */
  async verifyRecord(record: VersionRecord, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<VerifiedVersion> {
    return { record, checked: await this.#check(record, { name: record.name, signal: options.signal }) };
  }

  async #resolve(asked: Asked & { readonly wanted: string; readonly range: string | undefined }): Promise<VerifiedVersion> {
    const { name, wanted, range, signal } = asked;
    for (let attempt = 1; ; attempt++) {
      const record = await this.registry.resolve(name, { range: wanted, signal });
      if (range !== undefined && highestVersion([record.version], range) === undefined)
        throw new GraftError("NAME_MISMATCH", `Cannot accept the answer of the registry: ${record.version} is not in "${range}"`);
      try {
        return { record, checked: await this.#check(record, asked) };
      } catch (cause) {
        // What a tag stands for may change between the answer and its proof: then both are asked for again.
        if (!isGraftError(cause) || cause.code !== "NAME_MISMATCH" || record.name !== name || attempt === ATTEMPTS) throw cause;
      }
    }
  }

  async #check(record: VersionRecord, asked: Asked): Promise<CheckedVersion> {
    if (record.name !== asked.name)
      throw new GraftError("NAME_MISMATCH", `Cannot accept the answer of the registry: it names ${record.name}, not ${asked.name}`, {
        hint: "Something between you and the registry answers for another adapter; ask the registry without the mirror",
      });
    const { head } = await this.trust.known();
    const proof = await this.registry
      .prove(record, { wanted: asked.wanted, since: head?.size, signal: asked.signal })
      .catch((cause: unknown) => {
        if (!isGraftError(cause) || cause.code !== "NOT_FOUND") throw cause;
        throw new GraftError(
          "NOT_IN_LOG",
          `Cannot trust ${record.name}@${record.version}: the registry gives no proof that it is in its log`,
          {
            hint: "Do not use it; ask the registry without a mirror, or tell whoever runs it",
            cause,
          },
        );
      });
    return this.trust.check(record, proof, asked);
  }

  /** Fetches the bytes of a version into the cache; one download per digest in this process, others are told apart by their process id. */
  async fetch(blob: Pick<VersionRecord, "digest" | "size">, options: TransferOptions = {}): Promise<{ path: string; cached: boolean }> {
    const running = this.#pulling.get(blob.digest);
    if (running !== undefined) return running;
    const work = this.#fetchOnce(blob, options).finally(() => this.#pulling.delete(blob.digest));
    this.#pulling.set(blob.digest, work);
    return work;
  }

  /** Publishes packed bytes: uploads the blobs, then names them. Digests and sizes are those of the bytes. */
  async publish(adapter: NewVersion, options: TransferOptions = {}): Promise<Published> {
    return this.#withBytes(async () => this.registry.publish(await this.#upload(adapter, options)));
  }

  /** The same up to the last step: the registry checks it all, and lets the version wait for approval. */
  async stage(adapter: NewVersion, options: TransferOptions = {}): Promise<Staged> {
    return this.#withBytes(async () => this.registry.stage(await this.#upload(adapter, options)));
  }

  /** Bytes that nothing named for long are removed: between an upload and its publish that is a reason to begin again. */
  async #withBytes<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send();
      } catch (cause) {
        const isGone = isGraftError(cause) && cause.code === "NOT_FOUND" && cause.detail?.["digest"] !== undefined;
        if (!isGone || attempt === UPLOADS) throw cause;
      }
    }
  }

  async #upload(adapter: NewVersion, options: TransferOptions): Promise<PublishRequest & { name: string; version: string }> {
    const { bytes, manifest, tensorsDigest, tag, access, files = [], author } = adapter;
    const digest = await sha256(bytes);
    await this.registry.upload({ digest, bytes, ...options });
    const attached: AttachedFile[] = [];
    for (const file of files) {
      const own = await sha256(file.bytes);
      await this.registry.upload({ digest: own, bytes: file.bytes, signal: options.signal });
      attached.push({ path: file.path, digest: own, size: file.bytes.length });
    }
    return {
      name: manifest.name,
      version: manifest.version,
      digest,
      size: bytes.length,
      tensorsDigest,
      manifest,
      ...(author === undefined
        ? {}
        : { author: await authorSignature(author, { ...manifest, digest, base: manifest.base.fingerprint, files: attached }) }),
      ...(tag === undefined ? {} : { tag }),
      ...(access === undefined ? {} : { access }),
      ...(attached.length === 0 ? {} : { files: attached }),
    };
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

async function authorSignature(key: SigningKey, version: Parameters<typeof versionStatement>[0]): Promise<AuthorSignature> {
  return { ...(await key.sign(versionStatement(version))), publicKey: key.public.key };
}
