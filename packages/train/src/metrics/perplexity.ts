import type { Metric } from "./metric.ts";

/** e to the mean loss of a token: how many tokens the model wavers between. */
export const perplexity: Metric = { description: "e to the loss of a token", better: "less", loss: Math.exp };
