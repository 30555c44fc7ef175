import { collectBlobs, type BlobStore, type MetadataStore } from "@graft/storage";

/** What is tidied, and how long (in milliseconds) a thing that nobody needs is kept. */
export interface Tidied {
  readonly metadata: MetadataStore;
  readonly blobs: BlobStore;
  readonly keptFor: number;
  readonly onFault: (cause: unknown) => void;
}

/** Drops sign-ins that are over, uploads that broke off and blobs that nothing names, at once and then every so many milliseconds; gives what ends that, after the round that runs. Several servers may do it at once. */
export function tidyEvery(milliseconds: number, { metadata, blobs, keptFor, onFault }: Tidied): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const tidy = async (): Promise<void> => {
    await metadata.signIns.sweep(new Date().toISOString());
    await blobs.sweepUploads(Date.now() - keptFor);
    await collectBlobs({ metadata, blobs }, { now: Date.now(), delay: keptFor });
  };
  const start = (): void => {
    running = running.then(tidy).catch(onFault);
  };
  start();
  const timer = setInterval(start, milliseconds).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
