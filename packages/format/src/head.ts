import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Key } from "./scalars.ts";

/** One dense layer of a head: `weight` [out, in] and `bias` [out] are keys of whole tensors. */
export const HeadLayer = z
  .strictObject({
    weight: Key,
    bias: Key.optional(),
    activation: z.enum(["tanh", "relu", "gelu"]).optional(),
  })
  .meta({ id: "HeadLayer", description: "One dense layer: weight [out, in], bias [out]" });
/** One dense layer of a head. */
export type HeadLayer = z.infer<typeof HeadLayer>;

/** How trained layers attach to the base: an output of its graph, how positions become one, and dense layers in order, none where the pooled vector is the output. */
export const Head = z
  .strictObject({
    input: z.literal("last_hidden_state"),
    pooling: z.enum(["cls", "mean", "last", "none"]),
    layers: z.array(HeadLayer).max(LIMITS.headLayers),
  })
  .meta({ id: "Head", description: "How trained layers attach to the base" });
/** How trained layers attach to the base. */
export type Head = z.infer<typeof Head>;
