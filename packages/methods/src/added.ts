import { wholeKey } from "@graft/format";
import type { GraphBuilder } from "@graft/onnx";
import { sameModule } from "./match-targets.ts";
import type { Init, Trainable } from "./plan.ts";

/** What an injection needs of a trained tensor. */
export type AddedTensor = Pick<Trainable, "key" | "shape" | "role" | "module">;

/** A tensor that stands beside the base. */
export function addedTensor(module: string, part: "weight" | "bias", { shape, init }: { shape: readonly number[]; init: Init }): Trainable {
  return { key: wholeKey(module, part), shape, role: "added", module, init };
}

/** The added tensors of a plan or of a manifest, found by the base's own module paths; each becomes a graph input when it is asked for. */
export class AddedInputs {
  readonly builder: GraphBuilder;
  readonly #tensors: readonly AddedTensor[];

  constructor(builder: GraphBuilder, tensors: readonly AddedTensor[]) {
    this.builder = builder;
    this.#tensors = tensors.filter(({ role }) => role === "added");
  }

  /** The input and its shape; undefined where there is no such tensor. */
  find(module: string, part: "weight" | "bias" = "weight"): { readonly input: string; readonly shape: readonly number[] } | undefined {
    const found = this.#tensors.find((tensor) => tensor.key.endsWith(`.${part}`) && sameModule(tensor.module, module));
    if (found === undefined) return undefined;
    return { input: this.builder.input(found.key, "float32", found.shape), shape: found.shape };
  }
}
