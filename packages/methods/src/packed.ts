import { GraftError } from "@graft/error";
import { floatTensor, type GraphBuilder } from "@graft/onnx";
import type { PlannedTarget } from "./plan.ts";

/** The parts of a projection that computes queries, keys and values at once, in the order in which they lie. */
export const PACKED_PARTS = ["query", "key", "value"] as const;
/** One part of a packed projection. */
export type PackedPart = (typeof PACKED_PARTS)[number];

/** Layers whose outputs are all queries, then all keys, then all values. Others interleave them head by head. */
const PACKED = /(?:^|\.)(?:c_attn|qkv|in_proj|Wqkv)$/;

/** Whether a layer is a packed projection. */
export function isPacked({ module, out }: { readonly module: string; readonly out: number }): boolean {
  return PACKED.test(module) && out % PACKED_PARTS.length === 0;
}

/** USAGE where parts are asked for and nothing has them. */
export function checkPacked(targets: readonly PlannedTarget[]): void {
  if (targets.some(isPacked)) return;
  throw new GraftError("USAGE", "Cannot adapt parts of a packed projection: no target is one", {
    hint: `Leave out "qkv", or target a layer such as "c_attn"; the targets are ${targets
      .slice(0, 3)
      .map(({ module }) => module)
      .join(", ")}`,
  });
}

/**
 * B [out, parts · rank] with everything outside of its blocks held at zero: part p of the outputs is made of the p-th group of
 * rank columns alone. The gradient there is zero too, so that B stays what PEFT reads as an ordinary B.
 */
export function blockwise(builder: GraphBuilder, b: string, { out, rank = 0, parts = [] }: PlannedTarget): string {
  const name = `lora_parts_${out}x${rank}_${parts.join("_")}`;
  if (!builder.graph.initializer.some((tensor) => tensor.name === name))
    builder.initializer(floatTensor(name, [out, rank], blocks({ out, rank, parts })));
  return builder.op("Mul", [b, name], { name: `${b}/blocks` });
}

function blocks({ out, rank, parts }: { out: number; rank: number; parts: readonly PackedPart[] }): Float32Array {
  const [height, width] = [out / PACKED_PARTS.length, rank / parts.length];
  const mask = new Float32Array(out * rank);
  for (const [group, part] of parts.entries()) {
    const first = PACKED_PARTS.indexOf(part) * height;
    for (let row = first; row < first + height; row++) mask.fill(1, row * rank + group * width, row * rank + (group + 1) * width);
  }
  return mask;
}
