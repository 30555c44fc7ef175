import { intsAttribute } from "../attributes.ts";
import type { GraphIndex } from "../graph-index.ts";
import type { TensorProto } from "../proto/onnx_pb.ts";

/** The stored tensor behind a value, and whether the value is its transpose. */
export interface ConstantPath {
  readonly tensor: TensorProto;
  readonly transposed: boolean;
}

/** Longest chain that is followed from an operator back to its weight. */
const STEPS = 8;

/** Looks through `Transpose` of the two axes, `Identity` and `Cast` to the constant that a value comes from. */
export function constantPath(index: GraphIndex, value: string): ConstantPath | undefined {
  let transposed = false;
  let name = value;
  for (let step = 0; step < STEPS; step++) {
    const tensor = index.constant(name);
    if (tensor !== undefined) return { tensor, transposed };
    const node = index.producer(name);
    const source = node?.input[0];
    if (node === undefined || source === undefined || (node.domain !== "" && node.domain !== "ai.onnx")) return undefined;
    if (node.opType === "Transpose") {
      const axes = intsAttribute(node, "perm")?.join() ?? "1,0";
      if (axes === "1,0") transposed = !transposed;
      else if (axes !== "0,1") return undefined;
    } else if (node.opType !== "Identity" && node.opType !== "Cast") return undefined;
    name = source;
  }
  return undefined;
}

/** The value that a chain of transposes and copies of a matrix begins with, and whether they turn it. */
export function beneathTransposes(index: GraphIndex, value: string): { readonly inner: string; readonly transposed: boolean } {
  let [inner, transposed] = [value, false];
  for (let step = 0; step < STEPS; step++) {
    const node = index.producer(inner);
    const [source = ""] = node?.input ?? [];
    if (node?.opType === "Transpose" && (intsAttribute(node, "perm")?.join() ?? "1,0") === "1,0") transposed = !transposed;
    else if (node?.opType !== "Identity") break;
    inner = source;
  }
  return { inner, transposed };
}
