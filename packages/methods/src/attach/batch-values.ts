import { type Dim, inferShapes, type ModelProto } from "@graft/onnx";

/** How a value lies with respect to the rows of a batch. */
export type RowLayout =
  /** [rows, positions, …]: what is added for a row broadcasts over its positions. */
  | "direct"
  /** Rows one after the other along the first axis, with their positions. */
  | "flat"
  /** Not a row's own: the same for all of them, or laid out in a way that is not known. */
  | "shared";

/** Operators whose result says how large a value is and nothing of what is in it. */
const SIZES: ReadonlySet<string> = new Set(["Shape", "Size"]);

/** Tells of every value of a model whether each row of a batch has its own part of it; looks at the model once, before it is changed. */
export function rowLayouts(model: ModelProto): (value: string) => RowLayout {
  const { graph } = model;
  const own = new Set(graph?.input.map(({ name }) => name));
  for (const node of graph?.node ?? [])
    if (!SIZES.has(node.opType) && node.input.some((name) => own.has(name))) for (const name of node.output) own.add(name);
  const types = inferShapes(model);
  const first = graph?.input.find(({ name }) => name === "input_ids") ?? graph?.input[0];
  const batch = types.get(first?.name ?? "")?.shape?.[0];
  return (value) => {
    const shape = types.get(value)?.shape;
    if (!own.has(value)) return "shared";
    if (shape === undefined) return "flat";
    const [rows] = shape;
    if (shape.length === 0 || !holds(rows, batch)) return "shared";
    return shape.length >= 3 && rows === batch ? "direct" : "flat";
  };
}

/** Whether a dimension is a multiple of the batch's, as far as its symbol tells. */
function holds(rows: Dim | undefined, batch: Dim | undefined): boolean {
  if (batch === undefined || rows === undefined || rows === batch) return true;
  // A symbol that nothing ties to the inputs says nothing.
  if (typeof rows === "string") return typeof batch !== "string" || /^[A-Za-z_]\w*$/.test(rows) || rows.includes(batch);
  return typeof batch === "number" && rows % batch === 0;
}
