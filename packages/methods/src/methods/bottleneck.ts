import { GraftError } from "@graft/error";
import { DataType, Float, type GraphBuilder, inferShapes, opsetVersion, type ValueType } from "@graft/onnx";
import { HEAD_ACTIVATIONS } from "../activations.ts";
import { AddedInputs, addedTensor } from "../added.ts";
import { type Block, findJoints } from "../block-joints.ts";
import { findBlocks } from "../blocks.ts";
import { cloneBetween } from "../clone-between.ts";
import { taskModule } from "../families.ts";
import { finishEdits, interpose } from "../interpose.ts";
import type { Method } from "../method.ts";
import type { BottleneckOptions, BottleneckVariant } from "../options/bottleneck.ts";
import type { Trainable } from "../plan.ts";

/** One pair of dense layers: under which name beside the block, and with a normalisation of its own or not. */
interface Place {
  readonly name: "attention_adapter" | "output_adapter";
  readonly normalised: boolean;
  /** Puts it into the graph: `branch` gives up(activation(down(x))) of a value. */
  inject(builder: GraphBuilder, block: Block, branch: (value: string) => string): void;
}

const afterAttention: Place = {
  name: "attention_adapter",
  normalised: false,
  inject: (builder, { attention }, branch) => addBranch(builder, attention.output, branch),
};

const afterFeedForward: Place = {
  name: "output_adapter",
  normalised: false,
  inject: (builder, { feedForward }, branch) => addBranch(builder, feedForward.output, branch),
};

/** On the block as a whole, behind a normalisation of its own (Lin et al. 2020, eq. 2). */
const afterBlock: Place = {
  name: "output_adapter",
  normalised: true,
  inject: (builder, { output }, branch) => addBranch(builder, output, branch),
};

/** Reads the feed-forward layers' sum behind the base's normalisation, and is added before it (Pfeiffer et al. 2021, fig. 5). */
const aroundNorm: Place = {
  name: "output_adapter",
  normalised: false,
  inject(builder, { feedForward, output, normalised }, branch) {
    if (normalised === "before") return addBranch(builder, feedForward.sum, branch);
    interpose(builder, output, (was) => {
      const sum = builder.op("Add", [feedForward.sum, branch(was)], { name: `${was}/adapter/Add` });
      return cloneBetween(builder, { from: feedForward.sum, to: was, start: sum });
    });
  },
};

/** Where each variant has its layers. */
const VARIANTS: Readonly<Record<BottleneckVariant, readonly Place[]>> = {
  H: [afterAttention, afterFeedForward],
  L: [afterBlock],
  P: [aroundNorm],
  D: [afterAttention, afterFeedForward],
};

/** `LayerNormalization` is an operator from here on. */
const NORM_OPSET = 17;
const EPSILON = 1e-5;

/** Adapter tuning: y + up(activation(down(y))), the up-projection zero at the start. */
export const bottleneck: Method<BottleneckOptions> = {
  name: "bottleneck",
  description: "Two narrow dense layers after sublayers of every block; the base stays frozen",
  learningRate: 1e-3,
  unmergeable: "its layers have a nonlinearity between them, and no weight of the base can take that over",

  plan({ model, hiddenSize: width }, options, prefix) {
    const blocks = findJoints(model);
    const settings = settingsOf(options, blocks.length);
    return {
      method: { name: "bottleneck", ...settings },
      targets: [],
      trainables: blocks
        .slice(settings.dropped)
        .flatMap(({ module }) =>
          VARIANTS[settings.variant].flatMap((place) =>
            tensors(`${taskModule(module, prefix)}.${place.name}`, { ...settings, width, place }),
          ),
        ),
    };
  },

  inject(builder, { method, trainables }) {
    const blocks = findJoints(builder.model);
    const { variant, activation, dropped } = settingsOf(method, blocks.length);
    const inputs = new AddedInputs(builder, trainables);
    const types = inferShapes(builder.model);
    if (VARIANTS[variant].some(({ normalised }) => normalised) && opsetVersion(builder.model) < NORM_OPSET)
      throw new GraftError(
        "ONNX_UNSUPPORTED",
        `Cannot add a normalisation: the model has operator set ${opsetVersion(builder.model)}, want at least ${NORM_OPSET}`,
        { hint: "Take another variant, the checkpoint folder, or export again" },
      );
    for (const block of blocks.slice(dropped))
      for (const place of VARIANTS[variant]) {
        const module = `${block.module}.${place.name}`;
        const layer = layerOf(inputs, module);
        place.inject(builder, block, (value) => branchOf(builder, value, { ...layer, activation, module, type: types.get(block.output) }));
      }
    finishEdits(builder);
  },

  /** L̂(2dr + r + d) + 2·L̂_LN·d (arXiv 2106.09685 §5.1). */
  count: ({ matrices, hiddenSize: d }, options) => {
    const blocks = findBlocks(matrices.map(({ module }) => module)).count;
    const { variant, size: r, dropped } = settingsOf(options, blocks);
    const each = VARIANTS[variant].reduce((sum, { normalised }) => sum + 2 * d * r + r + d + (normalised ? 2 * d : 0), 0);
    return (blocks - dropped) * each;
  },
};

type Settings = Readonly<Required<Omit<BottleneckOptions, "name">>>;

/** Options with their defaults, by what a caller or a manifest says. USAGE. */
function settingsOf(options: Readonly<Partial<Record<keyof BottleneckOptions, unknown>>>, blocks: number): Settings {
  const { variant = "H", size = 16, activation = "relu" } = options;
  const { dropped = variant === "D" ? Math.floor(blocks / 2) : 0 } = options;
  const refuse = (what: string, wanted: string): GraftError =>
    new GraftError("USAGE", `Cannot plan bottleneck layers: ${what}, want ${wanted}`);
  if (typeof variant !== "string" || !Object.hasOwn(VARIANTS, variant))
    throw refuse(`the variant is "${String(variant)}"`, `one of ${Object.keys(VARIANTS).join(", ")}`);
  if (typeof activation !== "string" || !Object.hasOwn(HEAD_ACTIVATIONS, activation))
    throw refuse(`the activation is "${String(activation)}"`, `one of ${Object.keys(HEAD_ACTIVATIONS).join(", ")}`);
  if (!Number.isSafeInteger(size) || (size as number) < 1) throw refuse(`the size is ${String(size)}`, "a whole number of at least 1");
  if (!Number.isSafeInteger(dropped) || (dropped as number) < 0 || (dropped as number) >= blocks)
    throw refuse(`${String(dropped)} of ${blocks} blocks are dropped`, "at least one left");
  return { variant, size, activation, dropped } as Settings;
}

function tensors(module: string, { place, size, width }: { place: Place; size: number; width: number }): Trainable[] {
  const zeros = { kind: "zeros" } as const;
  return [
    ...(place.normalised
      ? [
          addedTensor(`${module}.norm`, "weight", { shape: [width], init: { kind: "ones" } }),
          addedTensor(`${module}.norm`, "bias", { shape: [width], init: zeros }),
        ]
      : []),
    addedTensor(`${module}.down`, "weight", { shape: [size, width], init: { kind: "kaiming", fanIn: width } }),
    addedTensor(`${module}.down`, "bias", { shape: [size], init: zeros }),
    addedTensor(`${module}.up`, "weight", { shape: [width, size], init: zeros }),
    addedTensor(`${module}.up`, "bias", { shape: [width], init: zeros }),
  ];
}

interface Layer {
  readonly down: readonly [weight: string, bias: string];
  readonly up: readonly [weight: string, bias: string];
  readonly norm?: readonly [weight: string, bias: string];
}

function layerOf(inputs: AddedInputs, module: string): Layer {
  const pair = (name: string): readonly [string, string] | undefined => {
    const [weight, bias] = [inputs.find(`${module}.${name}`, "weight"), inputs.find(`${module}.${name}`, "bias")];
    return weight === undefined || bias === undefined ? undefined : [weight.input, bias.input];
  };
  const [down, up, norm] = [pair("down"), pair("up"), pair("norm")];
  if (down === undefined || up === undefined)
    throw new GraftError("BASE_MISMATCH", `Cannot add bottleneck layers: the adapter has none for "${module}"`, {
      hint: "Use the base named in the manifest",
    });
  return { down, up, ...(norm === undefined ? {} : { norm }) };
}

function addBranch(builder: GraphBuilder, value: string, branch: (value: string) => string): void {
  interpose(builder, value, (was) => builder.op("Add", [was, branch(was)], { name: `${value}/adapter/Add` }));
}

/** up(activation(down(x))) in float32, cast to what the base computes in. */
function branchOf(
  builder: GraphBuilder,
  value: string,
  options: Layer & { activation: Settings["activation"]; module: string; type: ValueType | undefined },
): string {
  const { down, up, norm, activation, module } = options;
  const scope = `/${module.replaceAll(/\.(?!\d)/g, "/")}`;
  const type = options.type?.type ?? DataType.float32;
  const cast = (x: string, to: number): string =>
    type === DataType.float32 ? x : builder.op("Cast", [x], { name: `${scope}/Cast`, attributes: { to } });
  const dense = (x: string, [weight, bias]: readonly [string, string], name: string): string => {
    const turned = builder.op("Transpose", [weight], { name: `${scope}/${name}/Transpose`, attributes: { perm: [1, 0] } });
    return builder.op("Add", [builder.op("MatMul", [x, turned], { name: `${scope}/${name}/MatMul` }), bias], {
      name: `${scope}/${name}/Add`,
    });
  };
  const wide = cast(value, DataType.float32);
  const x =
    norm === undefined
      ? wide
      : builder.op("LayerNormalization", [wide, ...norm], {
          name: `${scope}/norm/LayerNormalization`,
          attributes: { axis: -1, epsilon: new Float(EPSILON) },
        });
  return cast(dense(HEAD_ACTIVATIONS[activation](builder, dense(x, down, "down"), scope), up, "up"), type);
}
