import { z } from "zod";
import { Instant } from "./primitives.ts";

/** Says that this is a Graft registry, and what it takes. */
export const Ping = z
  .object({
    service: z.literal("graft"),
    protocol: z.literal(1),
    limits: z.object({ blobBytes: z.int(), bodyBytes: z.int(), pageSize: z.int() }),
  })
  .meta({ id: "Ping" });
export type Ping = z.infer<typeof Ping>;

/** An Ed25519 key: 32 raw bytes in base64url. The id is the first 16 hex digits of their sha256. */
export const PublicKey = z
  .object({ id: z.string(), algorithm: z.literal("ed25519"), key: z.string(), createdAt: Instant })
  .meta({ id: "PublicKey" });
export type PublicKey = z.infer<typeof PublicKey>;
