import { z } from "zod";

/** The manifest of an adapter, checked in full where the bytes are opened. */
export const Manifest = z.record(z.string(), z.unknown());
export type Manifest = z.infer<typeof Manifest>;
