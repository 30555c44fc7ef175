import { GraftError } from "@graft/error";
import { wholeKey } from "@graft/format";
import { Float, type GraphBuilder } from "@graft/onnx";
import { configuredActivation, HEAD_ACTIVATIONS } from "./activations.ts";
import { BERT_LANGUAGE_MODEL, conventionsOf } from "./families.ts";
import { sourceTensor } from "./graph-edits.ts";
import { floatHidden, wordEmbedding } from "./hidden-state.ts";
import type { PlanBase, Trainable } from "./plan.ts";

/** What normalisation adds where config.json does not say, as in BERT and DistilBERT. */
const EPSILON = 1e-12;

/** How a masked-language head is made: keys of its tensors, and what its class reads from config.json. */
export interface LanguageHead {
  readonly keys: Readonly<Record<"weight" | "bias" | "scale" | "shift" | "decoder", string>>;
  readonly activation: keyof typeof HEAD_ACTIVATIONS;
  readonly epsilon: number;
}

/** The head of the family's masked-language model. ARCHITECTURE_UNSUPPORTED names an activation that heads do not have. */
export function languageHeadForm({ family, config = {} }: Pick<PlanBase, "family" | "config">): LanguageHead {
  const { dense, norm, decoder, activationKey } = conventionsOf(family).languageModel ?? BERT_LANGUAGE_MODEL;
  const epsilon = config["layer_norm_eps"];
  return {
    keys: {
      weight: wholeKey(dense, "weight"),
      bias: wholeKey(dense, "bias"),
      scale: wholeKey(norm, "weight"),
      shift: wholeKey(norm, "bias"),
      decoder: wholeKey(decoder, "bias"),
    },
    activation: activationKey === undefined ? "gelu" : (configuredActivation(config, activationKey) ?? "gelu"),
    epsilon: typeof epsilon === "number" ? epsilon : EPSILON,
  };
}

/** Input of a masked-language model: int64 [count], places in the flattened [batch · sequence] positions. */
export const MASKED_POSITIONS = "masked_positions";

/** Tensors of the masked-language head; its decoder is the table of word embeddings. */
export function languageHeadTensors({ model, hiddenSize: width }: PlanBase, { keys }: LanguageHead): Trainable[] {
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
    trainable(keys.weight, [width, width], { kind: "gaussian", deviation: 0.02 }),
    trainable(keys.bias, [width], { kind: "zeros" }),
    trainable(keys.scale, [width], { kind: "ones" }),
    trainable(keys.shift, [width], { kind: "zeros" }),
    trainable(keys.decoder, [vocabulary], { kind: "zeros" }),
  ];
}

/** Adds the head on the masked positions only and gives its logits, [count, vocabulary]. ONNX_UNSUPPORTED below opset 17. */
export function appendLanguageHead(builder: GraphBuilder, options: { readonly hiddenSize: number; readonly head: LanguageHead }): string {
  const { keys, activation, epsilon } = options.head;
  const opset = Number(builder.model.opsetImport.find(({ domain }) => domain === "")?.version ?? 0);
  if (opset < 17)
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot append a language head: the model has opset ${opset}, want at least 17`, {
      hint: "Take the checkpoint folder, or export again",
    });
  const positions = builder.input(MASKED_POSITIONS, "int64", ["masked"]);
  const flat = builder.op("Reshape", [floatHidden(builder), builder.int([-1, options.hiddenSize])], { name: "/cls/predictions/Reshape" });
  const masked = builder.op("Gather", [flat, positions], { name: "/cls/predictions/Gather", attributes: { axis: 0 } });
  const dense = builder.op("Gemm", [masked, keys.weight, keys.bias], {
    name: "/cls/predictions/transform/dense/Gemm",
    attributes: { transB: 1 },
  });
  const active = HEAD_ACTIVATIONS[activation](builder, dense, "/cls/predictions/transform");
  const normal = builder.op("LayerNormalization", [active, keys.scale, keys.shift], {
    name: "/cls/predictions/transform/LayerNorm/LayerNormalization",
    attributes: { axis: -1, epsilon: new Float(epsilon) },
  });
  return builder.op("Gemm", [normal, wordEmbedding(builder.graph), keys.decoder], {
    name: "/cls/predictions/decoder/Gemm",
    attributes: { transB: 1 },
  });
}
