import { targetForm } from "./target-form.ts";
import { fromFloat32 } from "@graft/safetensors";
import { KEY_PREFIX, wholeKey } from "../keys.ts";
import type { Target } from "../manifest.ts";
import { targetTensors, type TargetPart } from "../target-tensors.ts";
import type { ConvertBase, ConvertHead, ConvertMatrix } from "./convert-base.ts";
import { invalid, mismatch, unsupported } from "./import-error.ts";
import type { ImportParts } from "./import-parts.ts";
import { methodName, type PeftConfigFile } from "./peft-config-file.ts";
import type { PeftFile, PeftPart, PeftTensor } from "./peft-file.ts";
import { type PeftSelection, peftSelection } from "./peft-selection.ts";

/** What PEFT calls the tensors of a target. */
const PARTS: Readonly<Record<TargetPart, PeftPart>> = { a: "lora_A", b: "lora_B", magnitude: "magnitude", vector: "vector" };
const TARGET_PARTS: ReadonlySet<PeftPart> = new Set(["lora_A", "lora_B", "lora_bias", "magnitude", "vector"]);

type Grouped = ReadonlyMap<PeftPart, PeftTensor>;
type LoraFile = Extract<PeftConfigFile, { peft_type: "LORA" }>;

/** Adds the targets of a PEFT file: every module with tensors is one that its configuration selects, and the other way round. */
export async function importTargets(
  { config, tensors }: PeftFile,
  base: ConvertBase,
  { parts, head }: { parts: ImportParts; head: ConvertHead | undefined },
): Promise<void> {
  const selection = peftSelection(config);
  const modules = Map.groupBy(
    tensors.filter(({ part }) => TARGET_PARTS.has(part)),
    ({ module }) => module,
  );
  checkSelection([...modules.keys()], base, { selection, all: tensors });
  const start = config.peft_type === "LORA" ? startOf(config) : undefined;
  for (const [module, list] of modules) {
    const grouped: Grouped = new Map(list.map((tensor) => [tensor.part, tensor]));
    const matrix = base.matrix(module);
    if (matrix === undefined) await outsideBase(module, { config, selection, parts, head, grouped, base });
    else if (start === undefined) await addTarget(module, { config, selection, matrix, parts, grouped, base });
    else await addConverted(module, { config: config as LoraFile, selection, matrix, parts, grouped, base, start });
  }
}

interface TargetContext {
  readonly config: PeftConfigFile;
  readonly selection: PeftSelection;
  readonly matrix: ConvertMatrix;
  readonly parts: ImportParts;
  readonly grouped: Grouped;
  readonly base: ConvertBase;
}

/** Copies the tensors of a target as they are. */
async function addTarget(module: string, context: TargetContext): Promise<void> {
  const { config, matrix, parts, grouped, base } = context;
  const target = targetOf(module, context);
  const layout = targetTensors(methodName(config), target);
  for (const { part, key, shape } of layout) {
    const tensor = checkTensor(module, { grouped, part: PARTS[part], shape });
    const stored = await parts.stored(tensor);
    parts.tensors.set(key, stored);
  }
  const known = new Set<PeftPart>([...layout.map(({ part }) => PARTS[part]), "lora_bias"]);
  for (const part of grouped.keys())
    if (!known.has(part)) throw invalid(`the module "${module}" has a tensor of "${part}", which its configuration does not have`);
  parts.targets.push({ ...target, digest: matrix.digest });
  const bias = grouped.get("lora_bias");
  if (bias !== undefined) await addLoraBias(module, { bias, scale: target.scale ?? 1, parts, base });
}

/** PiSSA and OLoRA train what they took out of the weight: W + s·(B·A − B₀·A₀) of the unchanged weight, which has twice the rank. */
async function addConverted(
  module: string,
  context: TargetContext & { readonly config: LoraFile; readonly start: "pissa" | "olora" },
): Promise<void> {
  const { matrix, parts, grouped, base, start, config } = context;
  const target = targetOf(module, context);
  const { rank = 0, scale = 1 } = target;
  if (config.use_dora || matrix.kind !== undefined)
    throw unsupported(`"${module}" is no plain LoRA of a dense layer, and init_lora_weights is "${start}"`);
  if (!(scale > 0)) throw unsupported(`the scale of "${module}" is ${scale}, and ${start} takes a root of it`);
  if (2 * rank > Math.min(matrix.in, matrix.out))
    throw unsupported(
      `"${module}" has rank ${rank} by ${start}: the difference has rank ${2 * rank}, the matrix ${Math.min(matrix.in, matrix.out)}`,
    );
  const weight = await base.tensor(module, "weight");
  if (weight === undefined) throw mismatch(`the base has no "${module}.weight"`);
  const [a, b] = [
    await parts.values(checkTensor(module, { grouped, part: "lora_A", shape: [rank, matrix.in] })),
    await parts.values(checkTensor(module, { grouped, part: "lora_B", shape: [matrix.out, rank] })),
  ];
  const first = base.factors(start, weight, rank);
  // s·B₀·A₀ is the part of W itself, so the factors carry one over s between them.
  const share = start === "pissa" ? 1 / scale : 1;
  const stacked = new Float32Array(2 * rank * matrix.in);
  stacked.set(a);
  stacked.set(first.a, rank * matrix.in);
  const beside = new Float32Array(matrix.out * 2 * rank);
  for (let row = 0; row < matrix.out; row++) {
    for (let inner = 0; inner < rank; inner++) {
      beside[row * 2 * rank + inner] = b[row * rank + inner] as number;
      beside[row * 2 * rank + rank + inner] = -share * (first.b[row * rank + inner] as number);
    }
  }
  const converted: Target = { ...target, digest: matrix.digest, rank: 2 * rank, alpha: 2 * rank * scale };
  for (const { part, key, shape } of targetTensors("lora", converted))
    parts.tensors.set(key, { dtype: "F32", shape, data: fromFloat32("F32", part === "a" ? stacked : beside) });
  parts.targets.push(converted);
  if (parts.targets.length === 1) parts.notes.push(`Converted from ${start} against the base: the rank of every target is doubled`);
}

/** The entry of the manifest, checked against the base and the configuration. */
function targetOf(module: string, { config, selection, matrix, grouped }: TargetContext): Target {
  const { in: columns, out } = matrix;
  const form = targetForm(module, matrix);
  if (config.peft_type === "IA3") return { ...form, side: selection.isFeedForward(module) ? "input" : "output" };
  const rank = selection.rank(module);
  const found = grouped.get("lora_A")?.shape[0];
  if (found !== undefined && found !== rank)
    throw invalid(`the rank of "${module}" is ${found} in the file, and ${rank} in adapter_config.json`);
  if (rank > Math.min(columns, out))
    throw unsupported(`the rank of "${module}" is ${rank}: its matrix of ${out} × ${columns} has none above ${Math.min(columns, out)}`);
  const alpha = selection.alpha(module);
  return { ...form, rank, alpha, scale: alpha / (config.use_rslora ? Math.sqrt(rank) : rank) };
}

function checkTensor(module: string, { grouped, part, shape }: { grouped: Grouped; part: PeftPart; shape: readonly number[] }): PeftTensor {
  const tensor = grouped.get(part);
  if (tensor === undefined) throw invalid(`the tensor "${part}" of "${module}" is missing`);
  if (tensor.shape.join() === shape.join()) return tensor;
  throw mismatch(`"${tensor.key}" is [${tensor.shape.join(", ")}], the base wants [${shape.join(", ")}]`, { module });
}

/** `lora_bias`: what B adds once more goes into the layer's own bias. */
async function addLoraBias(
  module: string,
  { bias, scale, parts, base }: { bias: PeftTensor; scale: number; parts: ImportParts; base: ConvertBase },
): Promise<void> {
  const key = `${KEY_PREFIX}${module}.base_layer.bias`;
  const own = await base.tensor(module, "bias");
  if (own === undefined) throw unsupported(`"${module}" has a lora_bias, and the base's layer has no bias to add it to`);
  const added = await parts.values(bias);
  if (added.length !== own.values.length)
    throw mismatch(`"${bias.key}" has ${added.length} values, the base's bias ${own.values.length}`, { module });
  const sum = own.values.map((value, index) => value + scale * (added[index] as number));
  parts.tensors.set(key, { dtype: "F32", shape: own.shape, data: fromFloat32("F32", sum) });
  parts.whole.push({ key, shape: [...own.shape], role: "replacement", module });
}

/** A target that is part of the head, such as a pooler: what it makes of the layer goes into the head's own tensors. */
async function outsideBase(
  module: string,
  { config, selection, parts, head, grouped, base }: Omit<TargetContext, "matrix"> & { head: ConvertHead | undefined },
): Promise<void> {
  if (head === undefined && module.split(".").includes("pooler")) {
    parts.notes.push(`Left out "${module}": nothing passes it on the way to the hidden states`);
    return;
  }
  const [weight, bias] = (["weight", "bias"] as const).map((part) => head?.tensors.find(({ key }) => key === wholeKey(module, part)));
  const current = await weight?.start?.();
  if (weight === undefined || current === undefined)
    throw mismatch(`the base has no matrix "${module}", which the adapter changes`, { module });
  if (grouped.has("lora_bias") || (config.peft_type === "LORA" && startOf(config) !== undefined))
    throw unsupported(`"${module}" is part of the head, and no plain ${methodName(config)}`);
  const [out = 0, columns = 0] = weight.shape;
  const matrix: ConvertMatrix = { module, in: columns, out, digest: NO_DIGEST, shared: false };
  const target = targetOf(module, { config, selection, parts, grouped, base, matrix });
  const values: Partial<Record<TargetPart, Float32Array>> = {};
  for (const { part, shape } of targetTensors(methodName(config), target))
    values[part] = await parts.values(checkTensor(module, { grouped, part: PARTS[part], shape }));
  const shift = await bias?.start?.();
  const merged = base.merge(methodName(config), target, {
    current: { weight: current, ...(shift === undefined ? {} : { bias: shift }) },
    values,
  });
  parts.tensors.set(weight.key, { dtype: "F32", shape: weight.shape, data: fromFloat32("F32", merged.weight) });
  if (bias !== undefined && merged.bias !== undefined)
    parts.tensors.set(bias.key, { dtype: "F32", shape: bias.shape, data: fromFloat32("F32", merged.bias) });
  parts.notes.push(`Merged "${module}" into the head's own weight`);
}

/** A head's layer is none of the base's matrices. */
const NO_DIGEST = `sha256:${"0".repeat(64)}` as const;

/** How the factors were started, where the base was changed for it. CONVERT_UNSUPPORTED where only PEFT's own run could tell by how much. */
function startOf({ init_lora_weights: start }: LoraFile): "pissa" | "olora" | undefined {
  if (start == null || typeof start === "boolean") return undefined;
  const name = start.toLowerCase();
  if (name === "pissa" || name === "olora") return name;
  if (["gaussian", "eva", "orthogonal", "mica"].includes(name)) return undefined;
  const why: Readonly<Record<string, string>> = {
    loftq: "the base was quantised for it",
    corda: "the base was changed by data that the file does not have",
    lora_ga: "the base was changed by gradients that the file does not have",
  };
  throw unsupported(
    `init_lora_weights is "${start}": ${name.startsWith("pissa_niter") ? "the base was changed by an approximation that starts at random" : (why[name] ?? "Graft does not know it")}`,
    {
      hint: "Save it with path_initial_model_for_weight_conversion, which makes it a plain LoRA",
      detail: { field: "init_lora_weights" },
    },
  );
}

/** What the file has and what its configuration selects must be the same modules. */
function checkSelection(
  modules: readonly string[],
  base: ConvertBase,
  { selection, all }: { selection: PeftSelection; all: readonly PeftTensor[] },
): void {
  for (const module of modules) {
    if (selection.isTarget(module) === false)
      throw invalid(`"${module}" has tensors that its configuration does not select, so that PEFT would not use them`);
  }
  const has = new Set(modules);
  const inTask = all.some(({ module }) => module === base.prefix || module.startsWith(`${base.prefix}.`));
  for (const { module } of base.matrices) {
    const path = inTask && !module.startsWith(`${base.prefix}.`) ? `${base.prefix}.${module}` : module;
    if (selection.isTarget(path) === true && !has.has(path) && !has.has(module))
      throw invalid(`the tensors of "${path}" are missing, which its configuration selects`);
  }
  if (modules.length === 0) throw invalid(`it has no tensor of a target under "${KEY_PREFIX}"`);
}
