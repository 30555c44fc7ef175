/** How slowly bytes may come. */
export interface Pace {
  /** Seconds without a byte. */
  readonly idleSeconds: number;
  /** Average speed, looked at after `idleSeconds`. */
  readonly minimumBytesPerSecond: number;
}

/** Makes the error for a sender that is given up, from the reason. */
export type TooSlow = (why: string) => Error;

/** The chunks that a reader gives, until they do not come or come too slowly on average. What becomes of the reader is the caller's to say. */
export async function* timedChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { idleSeconds, minimumBytesPerSecond }: Pace,
  tooSlow: TooSlow,
): AsyncGenerator<Uint8Array> {
  const start = performance.now();
  let size = 0;
  for (;;) {
    const { done, value } = await within(reader.read(), idleSeconds, tooSlow);
    if (done) return;
    size += value.length;
    const seconds = (performance.now() - start) / 1000;
    if (seconds > idleSeconds && size < seconds * minimumBytesPerSecond)
      throw tooSlow(`${Math.round(size / seconds)} bytes per second came, want ${minimumBytesPerSecond}`);
    yield value;
  }
}

/** What is read, unless nothing came for so many seconds. */
export async function within<T>(read: Promise<T>, seconds: number, tooSlow: TooSlow): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow(`nothing came for ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([read, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
