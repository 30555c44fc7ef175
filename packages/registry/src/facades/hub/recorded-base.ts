import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { type BaseReference, type ConvertBase, type ConvertHead, type ConvertMatrix, type PeftFile, wholeKey } from "@graft/format";
import { conventionsOf, sameModule } from "@graft/methods";
import type { StoredBase } from "@graft/storage";

/** A base as conversions ask for it, from its record alone: modules, shapes and digests. What needs the base's bytes is refused: CONVERT_UNSUPPORTED. */
export function recordedBase(base: StoredBase, peft: PeftFile): ConvertBase {
  const { prefix } = conventionsOf(base.family);
  const matrices = base.matrices.map((matrix): ConvertMatrix => ({ ...orientation(matrix, peft), ...identity(matrix) }));
  return {
    reference: referenceOf(base),
    prefix,
    matrices,
    matrix: (module) => matrices.find((matrix) => sameModule(matrix.module, module)),
    // The record has no values; nothing that asks for one can be converted here.
    tensor: async () => undefined,
    head: (task, outputs) => headOf(base, peft, { task, outputs }),
    labels: (count) => Array.from({ length: count }, (_, index) => `LABEL_${index}`),
    merge: () => {
      throw needsBytes();
    },
    factors: () => {
      throw needsBytes();
    },
  };
}

function needsBytes(): GraftError {
  return new GraftError(
    "CONVERT_UNSUPPORTED",
    "Cannot convert the adapter: that takes the bytes of its base, and the registry has its record only",
    {
      hint: "Convert it where the base is: graft import <folder> --base <base>, then graft publish",
    },
  );
}

function referenceOf({ name, revision, fingerprint, files, tokenizer, family }: StoredBase): BaseReference {
  return {
    name,
    ...(revision === undefined ? {} : { revision }),
    fingerprint,
    files: files.map((file) => ({ ...file })),
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(family === undefined ? {} : { family }),
  };
}

function identity({
  module,
  digest,
}: {
  readonly module: string;
  readonly digest: Digest;
}): Pick<ConvertMatrix, "module" | "digest" | "shared"> {
  return { module, digest, shared: false };
}

/** Which of rows and columns go in follows from the tensors that PEFT stores for the module; a record has either orientation. */
function orientation(
  { module, rows, columns }: { readonly module: string; readonly rows: number; readonly columns: number },
  { tensors }: PeftFile,
): Pick<ConvertMatrix, "in" | "out" | "kind" | "kernel"> {
  const a = tensors.find((tensor) => tensor.part === "lora_A" && sameModule(tensor.module, module));
  const [, channels, ...kernel] = a?.shape ?? [];
  const inputs = channels === undefined ? undefined : kernel.reduce((product, size) => product * size, channels);
  const swapped = inputs === undefined ? false : inputs === rows && inputs !== columns;
  return {
    ...(swapped ? { in: rows, out: columns } : { in: columns, out: rows }),
    ...(a?.key.endsWith(".lora_embedding_A") === true ? { kind: "embedding" as const } : {}),
    ...(kernel.length > 0 ? { kind: "convolution" as const, kernel } : {}),
  };
}

/** The head of the family's class, as wide as the file says. Layers that only the base has cannot be filled. */
function headOf(base: StoredBase, { tensors }: PeftFile, { task, outputs }: { task: string; outputs: number }): ConvertHead | undefined {
  const { classifier, tokenClassifier = "classifier", pooling = "cls" } = conventionsOf(base.family);
  const isTokens = task === "token-classification";
  if (!isTokens && task !== "text-classification" && task !== "regression") return undefined;
  const layers = isTokens ? [{ module: tokenClassifier }] : classifier;
  const last = layers.at(-1)?.module;
  const width = tensors.find(({ module, part }) => module === last && part === "weight")?.shape[1] ?? 1;
  const shapes = layers.map(({ module, ...layer }, index) => ({
    module,
    activation: "activation" in layer ? layer.activation : undefined,
    bias: !("bias" in layer) || layer.bias !== false,
    out: index === layers.length - 1 ? outputs : width,
  }));
  return {
    head: {
      input: "last_hidden_state",
      pooling: isTokens ? "none" : pooling,
      layers: shapes.map(({ module, activation, bias }) => ({
        weight: wholeKey(module, "weight"),
        ...(bias ? { bias: wholeKey(module, "bias") } : {}),
        ...(activation === undefined ? {} : { activation }),
      })),
    },
    task: task === "regression" ? { activation: "identity" } : {},
    tensors: shapes.flatMap(({ module, out, bias }) => [
      { key: wholeKey(module, "weight"), module, shape: [out, width] },
      ...(bias ? [{ key: wholeKey(module, "bias"), module, shape: [out] }] : []),
    ]),
  };
}
