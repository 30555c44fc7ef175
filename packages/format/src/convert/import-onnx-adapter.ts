import { targetForm } from "./target-form.ts";
import { fromFloat32, type Tensor, toFloat32 } from "@graft/safetensors";
import { KEY_PREFIX, loraKeys } from "../keys.ts";
import type { Manifest, Target } from "../manifest.ts";
import { packAdapter } from "../pack-adapter.ts";
import { targetTensors } from "../target-tensors.ts";
import type { ConvertBase } from "./convert-base.ts";
import { invalid, mismatch, unsupported } from "./import-error.ts";
import type { ImportedAdapter } from "./import-peft.ts";
import type { OnnxAdapter } from "./onnx-adapter-file.ts";

/** What the end of a parameter's name says: those of Graft's attached graphs, and those of Olive and the model builder of onnxruntime-genai. */
const ENDINGS: readonly (readonly [ending: RegExp, part: "a" | "b" | "input" | "output"])[] = [
  [/\.(a|lora_A(\.weight)?)$/, "a"],
  [/\.(b|lora_B(\.weight)?)$/, "b"],
  [/\.inputGain$/, "input"],
  [/\.outputGain$/, "output"],
];

/** The head of an attached graph: `heads.0.1.weight` is the second dense layer of the only head. */
const HEAD = /^heads\.0\.(\d+)\.(weight|bias)$/;

type Parts = Partial<Record<"a" | "b" | "input" | "output", Tensor>>;

/**
 * Converts a `.onnx_adapter` where its names and shapes tell the modules of the base. Pairs may lie as PEFT's or transposed, as
 * Olive's; the scale is in B already, so it is 1. CONVERT_UNSUPPORTED names what is not understood; BASE_MISMATCH, CONVERT_INVALID.
 */
export function importOnnxAdapter(
  adapter: OnnxAdapter,
  base: ConvertBase,
  options: { readonly writer: Manifest["writer"] },
): ImportedAdapter {
  const modules = new Map<string, Parts>();
  const heads = new Map<string, Tensor>();
  for (const [name, tensor] of adapter.parameters) {
    if (HEAD.test(name)) {
      heads.set(name, tensor);
      continue;
    }
    const [ending, part] = ENDINGS.find(([test]) => test.test(name)) ?? [];
    if (ending === undefined || part === undefined) throw unsupported(`nothing tells what the parameter "${name}" is for`, { hint: HINT });
    const module = name.replace(ending, "").replace(KEY_PREFIX, "");
    modules.set(module, { ...modules.get(module), [part]: tensor });
  }
  const tensors = new Map<string, Tensor>();
  const targets = [...modules].map(([module, parts]) => targetOf(module, parts, { base, tensors }));
  const scaled = targets.filter(({ side }) => side !== undefined);
  if (scaled.length > 0 && scaled.length < targets.length) throw unsupported("it has both pairs and scaling vectors", { hint: HINT });
  const head = headOf(heads, base, tensors);
  const manifest: Manifest = {
    formatVersion: 1,
    method: { name: scaled.length > 0 ? "ia3" : "lora", source: "onnx_adapter" },
    task: head?.task ?? { type: "feature-extraction", labels: [] },
    base: base.reference,
    targets,
    tensors: head?.tensors ?? [],
    writer: options.writer,
  };
  const notes = scaled.length > 0 ? [] : ["The scale is in B already, so every target has the scale 1"];
  return { manifest, notes, bytes: packAdapter({ manifest, tensors }) };
}

const HINT = "Import the PEFT folder that it was made from";

function targetOf(module: string, parts: Parts, { base, tensors }: { base: ConvertBase; tensors: Map<string, Tensor> }): Target {
  const matrix = base.matrix(module);
  if (matrix === undefined) throw mismatch(`the base has no matrix "${module}"`, { module });
  const { in: columns, out, kind } = matrix;
  const form = targetForm(module, matrix);
  const { a, b, input, output } = parts;
  const vector = input ?? output;
  if (vector !== undefined) {
    if (a !== undefined || b !== undefined || (input !== undefined && output !== undefined))
      throw unsupported(`"${module}" has more than one vector`, { hint: HINT });
    const target: Target = { ...form, side: input === undefined ? "output" : "input" };
    const [layout] = targetTensors("ia3", target);
    if (layout !== undefined) tensors.set(layout.key, shaped(vector, layout.shape, module));
    return target;
  }
  if (a === undefined || b === undefined) throw invalid(`"${module}" has only one of its pair`, "The file is not whole");
  if (kind !== undefined && kind !== "embedding") {
    const target: Target = { ...form, rank: a.shape[0] ?? 0, alpha: a.shape[0] ?? 0, scale: 1 };
    for (const { part, key, shape } of targetTensors("lora", target)) tensors.set(key, shaped(part === "a" ? a : b, shape, module));
    return target;
  }
  const { rank, turned } = orientation(module, { a, b, columns, out });
  const keys = loraKeys(module, kind);
  tensors.set(keys.a, turned ? transposed(a) : a);
  tensors.set(keys.b, turned ? transposed(b) : b);
  return { ...form, rank, alpha: rank, scale: 1 };
}

/** How a pair lies: A [rank, in] and B [out, rank], or both turned. What could be either is refused. */
function orientation(
  module: string,
  { a, b, columns, out }: { a: Tensor; b: Tensor; columns: number; out: number },
): { rank: number; turned: boolean } {
  const [rows = 0, width = 0] = a.shape;
  const [height = 0, depth = 0] = b.shape;
  const straight = a.shape.length === 2 && b.shape.length === 2 && width === columns && height === out && rows === depth;
  const turned = a.shape.length === 2 && b.shape.length === 2 && rows === columns && depth === out && width === height;
  if (straight && turned && rows !== width) throw unsupported(`"${module}" can be read in two ways`, { hint: HINT });
  if (straight && turned) throw unsupported(`the pair of "${module}" is square, and nothing tells which way it lies`, { hint: HINT });
  if (!straight && !turned) {
    throw mismatch(
      `the pair of "${module}" is [${a.shape.join(", ")}] and [${b.shape.join(", ")}], the matrix has ${columns} inputs and ${out} outputs`,
      { module },
    );
  }
  return { rank: straight ? rows : width, turned: turned };
}

function shaped(tensor: Tensor, shape: readonly number[], module: string): Tensor {
  const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);
  if (size(tensor.shape) !== size(shape))
    throw mismatch(`a tensor of "${module}" is [${tensor.shape.join(", ")}], want [${shape.join(", ")}]`, { module });
  return { ...tensor, shape };
}

function transposed({ dtype, shape, data }: Tensor): Tensor {
  const [rows = 0, columns = 0] = shape;
  const values = toFloat32(dtype, data);
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column] as number;
  return { dtype, shape: [columns, rows], data: fromFloat32(dtype, result) };
}

/** A classifier of the base's family whose layers have these shapes. */
function headOf(
  heads: ReadonlyMap<string, Tensor>,
  base: ConvertBase,
  tensors: Map<string, Tensor>,
): { task: Manifest["task"]; tensors: Manifest["tensors"] } | undefined {
  if (heads.size === 0) return undefined;
  const layers = [...heads.keys()].filter((name) => name.endsWith(".weight")).length;
  const outputs = heads.get(`heads.0.${layers - 1}.weight`)?.shape[0] ?? 0;
  const type = outputs === 1 ? "regression" : "text-classification";
  const head = base.head(type, outputs);
  if (head === undefined || head.head.layers.length !== layers)
    throw unsupported(`its head has ${layers} layers, the class of the base's family another number`, { hint: HINT });
  const keys = new Map(
    head.head.layers.flatMap(
      ({ weight, bias }, index) =>
        [[weight, `heads.0.${index}.weight`], ...(bias === undefined ? [] : [[bias, `heads.0.${index}.bias`]])] as [string, string][],
    ),
  );
  const whole = head.tensors.map(({ key, module, shape }): Manifest["tensors"][number] => {
    const tensor = heads.get(keys.get(key) ?? "");
    if (tensor === undefined) throw invalid(`"${keys.get(key) ?? key}" is missing`, "The file is not whole");
    tensors.set(key, shaped(tensor, shape, module));
    return { key, shape: [...shape], role: "head", module };
  });
  if (whole.length !== heads.size) throw unsupported("its head has tensors that the class of the base's family does not", { hint: HINT });
  return { task: { type, labels: [...base.labels(outputs)], ...head.task, head: head.head }, tensors: whole };
}
