import { GraftError } from "@graft/error";
import { wholeKey } from "@graft/format";
import { Float, type GraphBuilder } from "@graft/onnx";
import { gelu } from "./activations.ts";
import { sourceTensor } from "./graph-edits.ts";
import { floatHidden, wordEmbedding } from "./hidden-state.ts";
import type { PlanBase, Trainable } from "./plan.ts";

/** Modules of BertForMaskedLM behind the encoder. */
const TRANSFORM = "cls.predictions.transform";
const KEYS = {
  weight: wholeKey(`${TRANSFORM}.dense`, "weight"),
  bias: wholeKey(`${TRANSFORM}.dense`, "bias"),
  scale: wholeKey(`${TRANSFORM}.LayerNorm`, "weight"),
  shift: wholeKey(`${TRANSFORM}.LayerNorm`, "bias"),
  decoder: wholeKey("cls.predictions", "bias"),
} as const;
const EPSILON = 1e-12;

/** Input of a masked-language model: int64 [count], places in the flattened [batch · sequence] positions. */
export const MASKED_POSITIONS = "masked_positions";

/** Tensors of the masked-language head; its decoder is the table of word embeddings. */
export function languageHead({ model, hiddenSize: width }: PlanBase): Trainable[] {
  const graph = model.graph;
  const table = graph === undefined ? undefined : sourceTensor(graph, wordEmbedding(graph));
  const vocabulary = Number(table?.dims[0] ?? 0);
  if (vocabulary === 0 || Number(table?.dims[1]) !== width) {
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot plan masked-language modelling: the word embeddings are no table of width ${width}`, {
      hint: "Take a text encoder whose embeddings have its hidden size",
    });
  }
  const trainable = (key: string, shape: readonly number[], init: Trainable["init"]): Trainable => ({
    key,
    shape,
    role: "head",
    module: key.replace(/^base_model\.model\.(.*)\.\w+$/, "$1"),
    init,
  });
  return [
    trainable(KEYS.weight, [width, width], { kind: "gaussian", deviation: 0.02 }),
    trainable(KEYS.bias, [width], { kind: "zeros" }),
    trainable(KEYS.scale, [width], { kind: "ones" }),
    trainable(KEYS.shift, [width], { kind: "zeros" }),
    trainable(KEYS.decoder, [vocabulary], { kind: "zeros" }),
  ];
}

/** Adds the head on the masked positions only and gives its logits, [count, vocabulary]. ONNX_UNSUPPORTED below opset 17. */
export function appendLanguageHead(builder: GraphBuilder, options: { readonly hiddenSize: number }): string {
  const opset = Number(builder.model.opsetImport.find(({ domain }) => domain === "")?.version ?? 0);
  if (opset < 17)
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot append a language head: the model has opset ${opset}, want at least 17`, {
      hint: "Take the checkpoint folder, or export again",
    });
  const positions = builder.input(MASKED_POSITIONS, "int64", ["masked"]);
  const flat = builder.op("Reshape", [floatHidden(builder), builder.int([-1, options.hiddenSize])], { name: "/cls/predictions/Reshape" });
  const masked = builder.op("Gather", [flat, positions], { name: "/cls/predictions/Gather", attributes: { axis: 0 } });
  const dense = builder.op("Gemm", [masked, KEYS.weight, KEYS.bias], {
    name: "/cls/predictions/transform/dense/Gemm",
    attributes: { transB: 1 },
  });
  const active = gelu(builder, dense, "/cls/predictions/transform");
  const normal = builder.op("LayerNormalization", [active, KEYS.scale, KEYS.shift], {
    name: "/cls/predictions/transform/LayerNorm/LayerNormalization",
    attributes: { axis: -1, epsilon: new Float(EPSILON) },
  });
  return builder.op("Gemm", [normal, wordEmbedding(builder.graph), KEYS.decoder], {
    name: "/cls/predictions/decoder/Gemm",
    attributes: { transB: 1 },
  });
}
