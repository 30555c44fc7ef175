import { createModel, type DataTypeName, GraphBuilder, type ModelProto, valueInfo } from "@graft/onnx";
import { appendGradients } from "@graft/autodiff";
import { numbers, open, type Value } from "./execute.ts";

/** A graph whose gradients are checked: its inputs, and the values at its end. Every float input is differentiated. */
export interface Case {
  /** What is special, when an operator has several cases. */
  readonly name?: string;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly build: (builder: GraphBuilder, opset: number) => string | readonly string[];
  readonly opsets?: readonly number[];
  /** Inputs that only some operator sets can have unknown sizes for keep theirs. */
  readonly fixed?: boolean;
}

/** Dimensions as a model declares them: the sizes, or a symbol of its own for each axis. */
export type Sizes = "known" | "symbolic";

/** The gradient of every float input of a case by its name, computed on a device. */
export async function gradientsOn(
  device: "cpu" | "webgpu",
  { check, opset }: { readonly check: Case; readonly opset: number },
): Promise<Record<string, Value>> {
  const { builder, ends } = build(check, { opset, sizes: "known" });
  // Weights of one value: their shapes are then the same whatever the ends are.
  const weights = ends.map((_, index): Value => ({ dims: [], values: numbers(1, { seed: 7 + index, low: 0.5 }) }));
  const { model } = differentiate(builder, { ends, weights, inputs: check.inputs });
  const session = await open(model, { device });
  const gradients = await session.run({
    ...check.inputs,
    ...Object.fromEntries(weights.map((weight, index) => [`weight_${index}`, weight])),
  });
  await session.close();
  return gradients;
}

/** Largest relative difference between the gradients of the graph and finite differences of what it computes. */
export async function gradientError(check: Case, options: { opset: number; sizes: Sizes }): Promise<number> {
  const forward = build(check, options);
  for (const [index, value] of forward.ends.entries()) outputOfAnyShape(forward.builder, { value, name: `end_${index}` });
  const plain = await open(forward.builder.model);
  const ends = await plain.run(check.inputs);
  const weights = forward.ends.map((_, index): Value => ({
    dims: ends[`end_${index}`]?.dims ?? [],
    values: numbers(ends[`end_${index}`]?.values.length ?? 0, { seed: 7 + index, low: 0.5 }),
  }));
  const loss = async (feeds: Readonly<Record<string, Value>>): Promise<number> => {
    const results = await plain.run(feeds);
    return weights.reduce(
      (sum, { values }, index) =>
        values.reduce((total, weight, position) => total + weight * (results[`end_${index}`]?.values[position] ?? Number.NaN), sum),
      0,
    );
  };

  const backward = build(check, options);
  const { model, wrt } = differentiate(backward.builder, { ends: backward.ends, weights, inputs: check.inputs });
  const session = await open(model);
  const gradients = await session.run({
    ...check.inputs,
    ...Object.fromEntries(weights.map((weight, index) => [`weight_${index}`, weight])),
  });

  let worst = 0;
  for (const name of wrt) {
    const input = check.inputs[name] as Value;
    const gradient = gradients[`d_${name}`] as Value;
    if (gradient.dims.join() !== input.dims.join())
      throw new Error(`The gradient of ${name} has shape [${gradient.dims.join()}] instead of [${input.dims.join()}]`);
    const scale = Math.max(1, ...gradient.values.map(Math.abs));
    for (const [position, given] of gradient.values.entries()) {
      const numeric = await slope((step) => loss({ ...check.inputs, [name]: moved(input, { position, step }) }));
      const error = Math.abs(numeric - given) / scale;
      worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
    }
  }
  await Promise.all([plain.close(), session.close()]);
  return worst;
}

/** Central differences of fourth order: steps may be large, so rounding of float32 stays small. */
async function slope(loss: (step: number) => Promise<number>, step = 0.02): Promise<number> {
  const [near, far] = [(await loss(step)) - (await loss(-step)), (await loss(2 * step)) - (await loss(-2 * step))];
  return (8 * near - far) / (12 * step);
}

function outputOfAnyShape(builder: GraphBuilder, { value, name }: { value: string; name: string }): void {
  builder.op("Identity", [value], { outputs: [name] });
  const info = valueInfo(name, "float32", []);
  if (info.type?.value.case === "tensorType") delete info.type.value.value.shape;
  builder.graph.output.push(info);
}

function moved(value: Value, { position, step }: { position: number; step: number }): Value {
  return { ...value, values: value.values.map((entry, index) => (index === position ? entry + step : entry)) };
}

function build(check: Case, { opset, sizes }: { opset: number; sizes: Sizes }): { builder: GraphBuilder; ends: readonly string[] } {
  const builder = new GraphBuilder(createModel({ name: "case", opset }));
  for (const [name, { dims, type = "float32" }] of Object.entries(check.inputs)) {
    builder.input(name, type as DataTypeName, sizes === "known" ? dims : dims.map((_, axis) => `${name}_${axis}`));
  }
  const ends = check.build(builder, opset);
  return { builder, ends: typeof ends === "string" ? [ends] : ends };
}

/** Adds the loss Σ end·weight, and its gradients as outputs. */
function differentiate(
  builder: GraphBuilder,
  options: { ends: readonly string[]; weights: readonly Value[]; inputs: Case["inputs"] },
): { model: ModelProto; wrt: string[] } {
  const sums = options.ends.map((end, index) => {
    const weight = builder.input(`weight_${index}`, "float32", options.weights[index]?.dims ?? []);
    return builder.op("ReduceSum", [builder.op("Mul", [end, weight])], { attributes: { keepdims: 0 } });
  });
  const loss = sums.reduce((left, right) => builder.op("Add", [left, right]));
  const wrt = Object.entries(options.inputs).flatMap(([name, { type = "float32" }]) => (type === "float32" ? [name] : []));
  const gradients = appendGradients(builder, { loss, wrt });
  for (const name of wrt) {
    const gradient = gradients.get(name);
    if (gradient === undefined) throw new Error(`The loss does not depend on ${name}`);
    builder.output(gradient, { name: `d_${name}`, type: "float32", shape: options.inputs[name]?.dims ?? [] });
  }
  return { model: builder.model, wrt };
}

/** Cases by the key of their operator in the table. */
export type Cases = Readonly<Record<string, readonly Case[]>>;
