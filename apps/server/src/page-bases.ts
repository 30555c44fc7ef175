import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";

/** Folders of bases that pages may run, by fingerprint; looked at when a page first asks, since a large base takes seconds to fingerprint. */
export function pageBases(folders: readonly string[]): () => Promise<ReadonlyMap<string, string>> {
  let found: Promise<ReadonlyMap<string, string>> | undefined;
  return () => (found ??= identify([TINY_ENGLISH_FOLDER, ...folders]));
}

async function identify(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  // Graphs and weights are no business of a start.
  const { identifyBase, openBase } = await import("@graft/architectures/node");
  const bases = new Map<string, string>();
  for (const folder of folders) bases.set((await identifyBase(await openBase(folder))).reference.fingerprint, folder);
  return bases;
}
