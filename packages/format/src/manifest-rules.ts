import type { Manifest, Target } from "./manifest.ts";
import { type MethodField, TARGET_LAYOUTS, targetTensors } from "./target-tensors.ts";

/** Rules that span fields: what is wrong, as `[path, why]`; nothing when all hold. */
export function* brokenRules(manifest: Manifest): Generator<[path: string, why: string]> {
  if ((manifest.name === undefined) !== (manifest.version === undefined)) yield ["name", "name and version come together or not at all"];
  if (new Set(manifest.task.labels).size < manifest.task.labels.length) yield ["task.labels", "a label comes twice"];
  if (manifest.task.threshold !== undefined && manifest.task.activation !== "sigmoid")
    yield ["task.threshold", 'only labels that are given apart have one: activation "sigmoid"'];
  yield* brokenTargets(manifest);
  yield* brokenHead(manifest);
}

function* brokenTargets({ method, targets, tensors }: Manifest): Generator<[string, string]> {
  if (targets.length + tensors.length === 0) yield ["targets", "nothing was trained"];
  const layout = Object.hasOwn(TARGET_LAYOUTS, method.name) ? TARGET_LAYOUTS[method.name] : undefined;
  if (layout === undefined && targets.length > 0) yield ["method.name", `no method "${method.name}" with targets is known`];
  const modules = new Set<string>();
  const keys = new Set<string>();
  for (const [index, target] of targets.entries()) {
    const path = `targets.${index}`;
    if (modules.has(target.module)) yield [`${path}.module`, `${target.module} is listed twice`];
    modules.add(target.module);
    for (const [field, why] of brokenShape(target)) yield [`${path}.${field}`, why];
    for (const [field, why] of brokenFields(target, layout?.fields ?? [])) yield [`${path}.${field}`, why];
    for (const { key } of targetTensors(method.name, target)) keys.add(key);
  }
  for (const [index, { key, role, digest }] of tensors.entries()) {
    if (keys.has(key)) yield [`tensors.${index}.key`, `${key} is listed twice`];
    if (role !== "replacement" && digest !== undefined)
      yield [`tensors.${index}.digest`, `${key} replaces nothing, so there is nothing that the digest could be of`];
    keys.add(key);
  }
}

function* brokenShape({ kind, kernel, rank, in: columns, out }: Target): Generator<[string, string]> {
  if ((kind === "convolution") !== (kernel !== undefined)) yield ["kernel", "a convolution has one, and nothing else has"];
  const size = (kernel ?? []).reduce((product, one) => product * one, 1);
  if (columns % size !== 0) yield ["kernel", `a kernel of ${size} does not divide ${columns} inputs`];
  if (rank !== undefined && rank > Math.min(columns, out)) yield ["rank", `a matrix of ${out} × ${columns} has no rank of ${rank}`];
}

/** A field that the method does not know says something that nobody reads: it is refused like a missing one. */
function* brokenFields(target: Target, wanted: readonly MethodField[]): Generator<[string, string]> {
  for (const field of ["rank", "alpha", "scale", "side"] as const) {
    if (wanted.includes(field) === (target[field] !== undefined)) continue;
    yield [field, wanted.includes(field) ? "it is missing" : "the method has no such field"];
  }
}

function* brokenHead({ task, tensors }: Manifest): Generator<[string, string]> {
  if (task.head === undefined) return;
  const shapes = new Map(tensors.filter(({ role }) => role === "head").map(({ key, shape }) => [key, shape]));
  let width: number | undefined;
  for (const [index, { weight, bias }] of task.head.layers.entries()) {
    const path = `task.head.layers.${index}`;
    const [out, columns, ...rest] = shapes.get(weight) ?? [];
    if (out === undefined || columns === undefined || rest.length > 0)
      yield [`${path}.weight`, `${weight} is no matrix among the whole tensors of role "head"`];
    if (width !== undefined && columns !== undefined && columns !== width)
      yield [`${path}.weight`, `it takes ${columns} values, the layer before gives ${width}`];
    const biasShape = bias === undefined ? undefined : (shapes.get(bias) ?? []);
    if (biasShape !== undefined && !(biasShape.length === 1 && biasShape[0] === out))
      yield [`${path}.bias`, `${bias} is no vector of ${out} among the whole tensors of role "head"`];
    width = out;
  }
  if (task.labels.length > 0 && width !== undefined && width !== task.labels.length)
    yield ["task.labels", `there are ${task.labels.length} labels, the head gives ${width} values`];
}
