import { loraKeys } from "./keys.ts";
import type { Manifest } from "./manifest.ts";

/** Rules that span fields: what is wrong, as `[path, why]`; nothing when all hold. */
export function* brokenRules(manifest: Manifest): Generator<[path: string, why: string]> {
  if ((manifest.name === undefined) !== (manifest.version === undefined)) yield ["name", "name and version come together or not at all"];
  if (new Set(manifest.task.labels).size < manifest.task.labels.length) yield ["task.labels", "a label comes twice"];
  yield* brokenTargets(manifest);
  yield* brokenHead(manifest);
}

function* brokenTargets({ targets, tensors }: Manifest): Generator<[string, string]> {
  if (targets.length + tensors.length === 0) yield ["targets", "nothing was trained"];
  const keys = new Set<string>();
  for (const [index, { module, rank, in: columns, out }] of targets.entries()) {
    if (rank > Math.min(columns, out)) yield [`targets.${index}.rank`, `a matrix of ${out} × ${columns} has no rank of ${rank}`];
    const { a, b } = loraKeys(module);
    if (keys.has(a)) yield [`targets.${index}.module`, `${module} is listed twice`];
    keys.add(a).add(b);
  }
  for (const [index, { key, role, digest }] of tensors.entries()) {
    if (keys.has(key)) yield [`tensors.${index}.key`, `${key} is listed twice`];
    if (role !== "replacement" && digest !== undefined)
      yield [`tensors.${index}.digest`, `${key} replaces nothing, so there is nothing that the digest could be of`];
    keys.add(key);
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
