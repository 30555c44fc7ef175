import { loraKeys, wholeKey, type AdapterParts, type Manifest } from "@graft/format";
import { fromFloat32, type Tensor } from "@graft/safetensors";

const DIGEST = `sha256:${"ab".repeat(32)}` as const;

/** A tensor whose values count up from `start`. */
export function countingTensor(shape: readonly number[], start: number): Tensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return {
    dtype: "F32",
    shape,
    data: fromFloat32(
      "F32",
      Float32Array.from({ length: size }, (_, index) => start + index / 8),
    ),
  };
}

/** A manifest with one target of 4 × 6 at rank 2 and a classifier of three labels over six values. */
export function buildManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    formatVersion: 1,
    method: { name: "lora" },
    task: {
      type: "text-classification",
      labels: ["act", "animal", "plant"],
      head: {
        input: "last_hidden_state",
        pooling: "cls",
        layers: [{ weight: wholeKey("classifier", "weight"), bias: wholeKey("classifier", "bias") }],
      },
    },
    base: { name: "tiny-english", fingerprint: DIGEST, files: [{ name: "model.safetensors", digest: DIGEST, size: 100 }] },
    targets: [{ module: "bert.encoder.layer.0.attention.self.query", digest: DIGEST, in: 6, out: 4, rank: 2, alpha: 4, scale: 2 }],
    tensors: [
      { key: wholeKey("classifier", "weight"), shape: [3, 6], role: "head", module: "classifier" },
      { key: wholeKey("classifier", "bias"), shape: [3], role: "head", module: "classifier" },
    ],
    writer: { name: "graft", version: "0.1.0" },
    ...changes,
  };
}

/** The parts of a small valid adapter. */
export function buildAdapter(changes: Partial<Manifest> = {}): AdapterParts & { tensors: Map<string, Tensor> } {
  const { a, b } = loraKeys("bert.encoder.layer.0.attention.self.query");
  return {
    manifest: buildManifest(changes),
    tensors: new Map([
      [a, countingTensor([2, 6], 0)],
      [b, countingTensor([4, 2], 10)],
      [wholeKey("classifier", "weight"), countingTensor([3, 6], 20)],
      [wholeKey("classifier", "bias"), countingTensor([3], 30)],
    ]),
  };
}
