/** Who writes manifests and checkpoints; the version is the package's. */
export const WRITER = { name: "@graft/train", version: "0.1.0" } as const;
