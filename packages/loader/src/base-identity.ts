import type { Base } from "@graft/architectures";
import type { Digest } from "@graft/digest";
import { isGraftError } from "@graft/error";
import { digestMatrix, fingerprint, floatValues, type Matrix } from "@graft/onnx";

/** What is known of a base's content: nothing of it changes unless its files do. */
export interface KnownIdentity {
  readonly files?: readonly Digest[];
  /** Absent where it was not asked for; null of a base without float matrices. */
  readonly fingerprint?: Digest | null;
  /** Digests of matrices by initializer. */
  readonly matrices: Readonly<Record<string, Digest>>;
}

/** Keeps what was computed of a base for the next time; the key is the place's to find. */
export interface IdentityMemory {
  load(base: Base): Promise<KnownIdentity | undefined>;
  save(base: Base, known: KnownIdentity): Promise<void>;
}

/** What is computed of a base once, however many adapters are tried on it. */
export class BaseIdentity {
  readonly base: Base;
  readonly #hashFile: (path: string) => Promise<Digest>;
  readonly #memory: IdentityMemory | undefined;
  readonly #matrices = new Map<string, Promise<Digest>>();
  #known: Promise<KnownIdentity | undefined> | undefined;
  #files: Promise<readonly Digest[]> | undefined;
  #fingerprint: Promise<Digest | null> | undefined;
  #isNew = false;

  constructor(base: Base, options: { hashFile: (path: string) => Promise<Digest>; memory?: IdentityMemory | undefined }) {
    this.base = base;
    this.#hashFile = options.hashFile;
    this.#memory = options.memory;
  }

  /** Digest of one matrix. */
  readonly matrix = (matrix: Matrix): Promise<Digest> => {
    const known = this.#matrices.get(matrix.initializer);
    if (known !== undefined) return known;
    const digest = this.#matrix(matrix);
    this.#matrices.set(matrix.initializer, digest);
    return digest;
  };

  /** Digests of the weight files. */
  files(): Promise<readonly Digest[]> {
    this.#files ??= this.#remembered(
      (known) => known.files,
      () => Promise.all(this.base.files.map(this.#hashFile)),
    );
    return this.#files;
  }

  /** Undefined for a base without float matrices. */
  async fingerprint(): Promise<Digest | undefined> {
    this.#fingerprint ??= this.#remembered(
      (known) => known.fingerprint,
      () => this.#compute(),
    );
    return (await this.#fingerprint) ?? undefined;
  }

  /** Keeps for the next time what is new. */
  async save(): Promise<void> {
    if (!this.#isNew || this.#memory === undefined) return;
    this.#isNew = false;
    const before = await this.#load();
    const matrices = await Promise.all([...this.#matrices].map(async ([name, digest]) => [name, await digest] as const));
    const [files, own] = [await this.#files, await this.#fingerprint];
    await this.#memory.save(this.base, {
      ...before,
      ...(files === undefined ? {} : { files }),
      ...(own === undefined ? {} : { fingerprint: own }),
      matrices: { ...before?.matrices, ...Object.fromEntries(matrices) },
    });
  }

  #load(): Promise<KnownIdentity | undefined> {
    this.#known ??= this.#memory?.load(this.base) ?? Promise.resolve(undefined);
    return this.#known;
  }

  async #remembered<T>(find: (known: KnownIdentity) => T | undefined, compute: () => Promise<T>): Promise<T> {
    const known = await this.#load();
    const found = known === undefined ? undefined : find(known);
    if (found !== undefined) return found;
    this.#isNew = true;
    return compute();
  }

  async #compute(): Promise<Digest | null> {
    try {
      const { fingerprint: own, matrices } = await fingerprint(this.base.model, this.base.weights);
      for (const { initializer, digest } of matrices) this.#matrices.set(initializer, Promise.resolve(digest));
      return own;
    } catch (cause) {
      if (isGraftError(cause) && cause.code === "ONNX_UNSUPPORTED") return null;
      throw cause;
    }
  }

  async #matrix({ initializer, tensor }: Matrix): Promise<Digest> {
    return this.#remembered(
      (known) => (Object.hasOwn(known.matrices, initializer) ? known.matrices[initializer] : undefined),
      async () => {
        const [rows = 1, ...rest] = tensor.dims.map(Number);
        const columns = rest.reduce((product, size) => product * size, 1);
        return digestMatrix(await floatValues(tensor, this.base.weights), { rows, columns });
      },
    );
  }
}
