/** Who wrote what a registry converted. */
export const WRITER = { name: "graft-registry", version: "0.1.0" } as const;
