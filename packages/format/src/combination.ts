import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Name, Version } from "./names.ts";
import { Count, DigestText, Dimension, Identifier } from "./scalars.ts";

/** That an adapter was made of others, and how. */
export const Combination = z
  .strictObject({
    method: Identifier,
    rank: Dimension.optional(),
    density: z.number().gt(0).max(1).optional(),
    majority: z.enum(["total", "frequency"]).optional(),
    seed: Count.optional(),
    parents: z
      .array(z.strictObject({ name: Name.optional(), version: Version.optional(), digest: DigestText, weight: z.number() }))
      .min(1)
      .max(LIMITS.parents),
  })
  .meta({ id: "Combination", description: "Which adapters it was made of, and how" });
/** That an adapter was made of others, and how. */
export type Combination = z.infer<typeof Combination>;
