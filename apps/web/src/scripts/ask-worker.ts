/** What a worker says: how far it is, what it found, or why it cannot. */
export type Said<Answer> = { readonly share: number; readonly stage: string } | { readonly answer: Answer } | { readonly problem: string };

/** Gives a worker one piece of work; `told` hears how far it is. The worker ends with the work, or with the signal. */
export function askWorker<Answer>(
  worker: Worker,
  work: unknown,
  options: { readonly told?: (share: number, stage: string) => void; readonly signal?: AbortSignal } = {},
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    options.signal?.addEventListener("abort", () => reject(new Error("Stopped")));
    worker.addEventListener("message", ({ data }: MessageEvent<Said<Answer>>) => {
      if ("answer" in data) resolve(data.answer);
      else if ("problem" in data) reject(new Error(data.problem));
      else options.told?.(data.share, data.stage);
    });
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
    worker.postMessage(work, []);
  }).finally(() => worker.terminate());
}

/** The other side: does each piece of work that comes, and answers. */
export function answerAsWorker<Work, Answer>(work: (given: Work, tell: (share: number, stage: string) => void) => Promise<Answer>): void {
  globalThis.addEventListener("message", async ({ data }: MessageEvent<Work>) => {
    const say = (said: Said<Answer>): void => globalThis.postMessage(said, { targetOrigin: "/" });
    try {
      say({ answer: await work(data, (share, stage) => say({ share, stage })) });
    } catch (cause) {
      say({ problem: cause instanceof Error ? cause.message : String(cause) });
    }
  });
}
