import { isGraftError } from "@graft/error";
import { type Manifest, openAdapter, packAdapter, type RecordedBase, validateAdapter } from "@graft/format";
import { fromFloat32, type Tensor } from "@graft/safetensors";
import { mutate, seeded } from "./mutate.ts";

/** What came of a run. */
export interface FuzzResult {
  readonly mutants: number;
  /** Mutants that are adapters all the same. */
  readonly accepted: number;
  /** Refusals by their code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Everything else: a crash, a fault of our own, or more than a second. Empty when all is well. */
  readonly faults: readonly string[];
  readonly slowestMilliseconds: number;
}

/** Milliseconds after which a mutant counts as a hang. */
const HANG = 1_000;

/** Opens and validates mutants of a valid adapter, as a publish does. The same seed gives the same mutants. */
export async function fuzzValidator({ seed, count }: { readonly seed: number; readonly count: number }): Promise<FuzzResult> {
  const random = seeded(seed);
  const { bytes, base } = aPublishedAdapter();
  const refused: Record<string, number> = {};
  const faults: string[] = [];
  let [accepted, slowestMilliseconds] = [0, 0];
  for (let index = 0; index < count && faults.length < 20; index++) {
    const mutant = mutate(bytes, random);
    const start = performance.now();
    try {
      const adapter = await openAdapter(mutant.bytes);
      await validateAdapter(adapter, base);
      await adapter.close();
      accepted += 1;
    } catch (cause) {
      const code = isGraftError(cause) ? cause.code : "none";
      refused[code] = (refused[code] ?? 0) + 1;
      if (code === "none" || code === "INTERNAL") faults.push(`mutant ${index} of seed ${seed} (${mutant.by}): ${String(cause)}`);
    }
    const milliseconds = performance.now() - start;
    slowestMilliseconds = Math.max(slowestMilliseconds, milliseconds);
    if (milliseconds > HANG) faults.push(`mutant ${index} of seed ${seed} (${mutant.by}) took ${Math.round(milliseconds)} ms`);
  }
  return { mutants: count, accepted, refused, faults, slowestMilliseconds };
}

/** A valid adapter of two targets and a head, and the record of its base. */
export function aPublishedAdapter(): { bytes: Uint8Array; base: RecordedBase } {
  const modules = ["encoder.layer.0.query", "encoder.layer.1.query"];
  const digests = modules.map((_, index) => `sha256:${String(index + 1).repeat(64)}` as const);
  const tensors = new Map<string, Tensor>();
  const targets: Manifest["targets"] = modules.map((module, index) => {
    tensors.set(`base_model.model.${module}.lora_A.weight`, filled([2, 6], 0.25));
    tensors.set(`base_model.model.${module}.lora_B.weight`, filled([8, 2], 0.5));
    return { module, digest: digests[index] ?? "sha256:", in: 6, out: 8, rank: 2, alpha: 4, scale: 2 };
  });
  const fingerprint = `sha256:${"f".repeat(64)}` as const;
  const manifest: Manifest = {
    formatVersion: 1,
    name: "@fuzz/adapter",
    version: "1.0.0",
    description: "An adapter to be broken",
    keywords: ["one", "two"],
    method: { name: "lora" },
    task: { type: "feature-extraction", labels: [] },
    base: { name: "tiny", fingerprint, files: [] },
    targets,
    tensors: [],
    writer: { name: "graft", version: "0.1.0" },
  };
  const base = {
    name: "tiny",
    matrices: modules.map((module, index) => ({ module, digest: digests[index] ?? "", rows: 8, columns: 6, norm: 4 })),
  };
  return { bytes: new Uint8Array(packAdapter({ manifest, tensors })), base: base as unknown as RecordedBase };
}

function filled(shape: readonly number[], value: number): Tensor {
  const values = Float32Array.from(
    { length: shape.reduce((product, dimension) => product * dimension, 1) },
    (_, index) => value + index / 64,
  );
  return { dtype: "F32", shape, data: fromFloat32("F32", values) };
}
