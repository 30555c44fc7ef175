/** Takes a lock that all pages of the origin share, and gives what releases it. It is released too when the page or the worker ends. */
export function takeLock(name: string, mode: "shared" | "exclusive"): Promise<() => void> {
  return new Promise((granted, refused) => {
    navigator.locks.request(name, { mode }, () => new Promise<void>((release) => granted(release))).catch(refused);
  });
}

/** Runs `work` if nobody has the lock; undefined where somebody has. */
export async function ifFree<Result>(name: string, work: () => Promise<Result>): Promise<Result | undefined> {
  return (await navigator.locks.request(name, { mode: "exclusive", ifAvailable: true }, async (lock) =>
    lock === null ? undefined : work(),
  )) as Result | undefined;
}
