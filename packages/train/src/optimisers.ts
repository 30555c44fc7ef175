import { adamw } from "./optimisers/adamw.ts";
import type { Optimiser } from "./optimisers/optimiser.ts";
import { sgd } from "./optimisers/sgd.ts";

export type { Optimiser, OptimiserConstants, StepScalars, Update, Updated } from "./optimisers/optimiser.ts";

/** Every optimiser by name. */
export const OPTIMISERS = { adamw, sgd } as const satisfies Record<string, Optimiser>;

/** Names of the optimisers. */
export type OptimiserName = keyof typeof OPTIMISERS;
