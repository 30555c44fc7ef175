/** Share of the highest learning rate, from how much of the run after the warm-up is done (0 to 1). */
export type Schedule = (progress: number) => number;

/** How the learning rate falls after the warm-up. */
export const SCHEDULES = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
} as const satisfies Record<string, Schedule>;

/** Names of the schedules. */
export type ScheduleName = keyof typeof SCHEDULES;

/** Steps of the warm-up: below 1 a share of all steps, rounded up, else a number of steps. */
export function warmupSteps(warmup: number, steps: number): number {
  return Math.min(steps, warmup < 1 ? Math.ceil(warmup * steps) : Math.round(warmup));
}

/** Learning rate of a step that counts from 0, as the schedulers of `transformers` give it. */
export function learningRateAt(
  step: number,
  options: { schedule: ScheduleName; learningRate: number; warmup: number; steps: number },
): number {
  const warmup = warmupSteps(options.warmup, options.steps);
  if (step < warmup) return (options.learningRate * step) / Math.max(1, warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, options.steps - warmup));
  return options.learningRate * SCHEDULES[options.schedule](progress);
}
