import { createModel, encodeModel, GraphBuilder, opsetVersion } from "@graft/onnx";
import type { SessionPart } from "@graft/runtime";
import { constants, gradientNorm, type StateTensor } from "./append-update.ts";
import { buildGradients } from "./build-gradients.ts";
import type { StepGraph, StepOptions } from "./build-step.ts";
import { ACCUMULATION_INPUTS, STEP_INPUTS, STEP_OUTPUTS } from "./step-names.ts";

/** A step whose graph gives gradients, and whose update runs over pieces of the state: for what is too large to have twice. */
export interface PieceGraph extends StepGraph {
  /** Updates by their name, each for the tensors that decay and learn alike. */
  readonly parts: Readonly<Record<string, SessionPart>>;
  /** Whether micro-batches are added up. */
  readonly sums: readonly StateTensor[];
}

/** Numbers of a piece: few enough to stay in a processor's cache, enough for its threads. */
const PIECE = 2 ** 19;

/** A factor that clips gradients. */
export const CLIP = "clip";

/**
 * Gradients of a whole batch, or with `accumulates` sums over its micro-batches as `buildAccumulation` makes them; every update is a
 * graph over one piece of a weight, its gradient and its slots. OPERATOR_WITHOUT_GRADIENT.
 */
export function buildPieces(options: StepOptions & { readonly accumulates: boolean }): PieceGraph {
  const { accumulates, plan, optimiser } = options;
  const { builder, loss, gradients } = buildGradients(accumulates ? { ...options, share: ACCUMULATION_INPUTS.share } : options);
  const keep = accumulates ? builder.input(ACCUMULATION_INPUTS.keep, "float32", []) : undefined;
  const carry: Record<string, string> = {};
  const outputs: string[] = [];
  for (const { key, shape } of plan.trainables) {
    const own = gradients.get(key) ?? "";
    const next =
      keep === undefined ? own : builder.op("Add", [builder.op("Mul", [builder.input(sumOf(key), "float32", shape), keep]), own]);
    outputs.push(next);
    carry[builder.output(next, { type: "float32", shape })] = sumOf(key);
  }
  builder.output(loss, { name: STEP_OUTPUTS.loss, type: "float32", shape: [] });
  builder.output(gradientNorm(builder, outputs), { name: STEP_OUTPUTS.gradientNorm, type: "float32", shape: [] });
  const slots = plan.trainables.flatMap(({ key, shape }) => optimiser.slots.map((slot): StateTensor => ({ key: `${key}.${slot}`, shape })));
  return {
    model: builder.model,
    trained: plan.trainables,
    slots,
    sums: accumulates ? plan.trainables.map(({ key, shape }) => ({ key: sumOf(key), shape })) : [],
    carry,
    parts: updateParts(options, opsetVersion(builder.model)),
  };
}

/** One update for each weight decay and rate that there is. */
function updateParts(options: StepOptions, opset: number): Record<string, SessionPart> {
  const { plan, optimiser } = options;
  const alike = Map.groupBy(plan.trainables, ({ shape, rate = 1 }) => `update ${shape.length > 1 ? options.weightDecay : 0} ${rate}`);
  return Object.fromEntries(
    [...alike].map(([name, trainables]): [string, SessionPart] => {
      const [{ shape, rate = 1 } = { shape: [] }] = trainables;
      return [
        name,
        {
          ...updateOfPiece(options, { opset, weightDecay: shape.length > 1 ? options.weightDecay : 0, rate }),
          pieces: {
            size: PIECE,
            groups: trainables.map(({ key }) => ({
              parameter: key,
              gradient: sumOf(key),
              ...Object.fromEntries(optimiser.slots.map((slot) => [slot, `${key}.${slot}`])),
            })),
          },
        },
      ];
    }),
  );
}

function updateOfPiece(
  options: StepOptions,
  { opset, weightDecay, rate }: { opset: number; weightDecay: number; rate: number },
): Pick<SessionPart, "model" | "carry"> {
  const { optimiser } = options;
  const builder = new GraphBuilder(createModel({ name: "update", opset }));
  const piece = (name: string): string => builder.input(name, "float32", ["numbers"]);
  const update = optimiser.prepare(builder, {
    ...constants(options),
    learningRate: builder.input(STEP_INPUTS.learningRate, "float32", []),
    step: builder.input(STEP_INPUTS.step, "float32", []),
    ...(options.maxGradientNorm === 0 ? {} : { clip: builder.input(CLIP, "float32", []) }),
  });
  const state = Object.fromEntries(optimiser.slots.map((slot) => [slot, piece(slot)]));
  const next = update({ parameter: piece("parameter"), gradient: piece("gradient"), state, weightDecay, rate });
  const carry: Record<string, string> = {};
  for (const [input, value] of Object.entries({ parameter: next.parameter, ...next.state }))
    carry[builder.output(value, { type: "float32", shape: ["numbers"] })] = input;
  return { model: encodeModel(builder.model), carry };
}

function sumOf(key: string): string {
  return `${key}.sum`;
}
