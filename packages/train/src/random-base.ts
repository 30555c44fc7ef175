import { type Base, buildFromTensors, checkpointParameters, type Config, findFamily, type Parameter } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { modelWeights, rawTensor, type TensorProto } from "@graft/onnx";
import { normals, randomStream } from "./random.ts";

/** Standard deviation of fresh matrices where config.json gives none, as in `transformers`. */
const DEVIATION = 0.02;
/** The weights stand in the graph's own message, which has to stay below 2 GiB. */
const MOST_BYTES = 2 ** 31 - 2 ** 24;

/** A base with fresh weights: matrices normal around 0, biases 0, scales 1, as `transformers` draws them. The weights stand in the graph itself. */
export function randomBase(config: Config, options: { seed: number; name?: string }): Base {
  const family = findFamily(config);
  const { hiddenSize, maxLength, vocabSize } = family.read(config);
  const parameters = checkpointParameters(config).filter(({ optional }) => optional !== true);
  const bytes = parameters.reduce((sum, { shape }) => sum + 4 * elements(shape), 0);
  if (bytes > MOST_BYTES)
    throw new GraftError("LIMIT_EXCEEDED", `Cannot begin from random weights: they would take ${bytes} bytes, want at most ${MOST_BYTES}`, {
      hint: "Make the sizes in config.json smaller",
    });
  const model = buildFromTensors(
    config,
    parameters.map(({ name, shape }) => ({ name, dtype: "F32", shape, location: "random", offset: 0, length: 4 * elements(shape) })),
  );
  const graph = model.graph;
  if (graph === undefined) throw new TypeError("A checkpoint's graph is missing");
  const deviation = typeof config["initializer_range"] === "number" ? config["initializer_range"] : DEVIATION;
  const drawn = new Map(parameters.map((parameter) => [parameter.name, draw(parameter, { deviation, seed: options.seed })]));
  graph.initializer = graph.initializer.map((tensor) => drawn.get(tensor.name) ?? tensor);
  return {
    name: options.name ?? `random ${family.name}`,
    model,
    weights: modelWeights(model, () => Promise.reject(new TypeError("Fresh weights lie in no file"))),
    folder: "",
    kind: "checkpoint",
    files: [],
    config,
    family: family.name,
    hiddenSize,
    maxLength,
    ...(vocabSize === undefined ? {} : { vocabSize }),
  };
}

function draw({ name, shape, kind }: Parameter, { deviation, seed }: { deviation: number; seed: number }): TensorProto {
  const count = elements(shape);
  const values =
    kind === "matrix"
      ? normals(randomStream(seed, `weights ${name}`), { count, deviation })
      : new Float32Array(count).fill(kind === "scale" ? 1 : 0);
  return rawTensor(name, { type: "float32", dims: shape, bytes: new Uint8Array(values.buffer) });
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
