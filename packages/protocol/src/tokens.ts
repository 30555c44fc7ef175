import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Instant } from "./primitives.ts";

/** What a token allows: `read`, `publish` (versions, tags, bases), `admin` (tokens). */
export const Action = z.enum(["read", "publish", "admin"]);
export type Action = z.infer<typeof Action>;

/** Names a token is good for: `*`, `@scope/*` or `@scope/name`. */
export const NamePattern = z
  .string()
  .regex(/^(\*|@[a-z0-9][a-z0-9._-]{0,63}\/(\*|[a-z0-9][a-z0-9._-]{0,63}))$/, 'want "*", "@scope/*" or "@scope/name"');
export type NamePattern = z.infer<typeof NamePattern>;

/** A token as it is written: prefix, random part, checksum (see `@graft/registry`). */
export const TokenText = z.string().regex(/^graft_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/);

/** A range of addresses: `192.0.2.0/24`, `2001:db8::/32`, or one address. */
export const AddressRange = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], 'want a range such as "192.0.2.0/24"');
export type AddressRange = z.infer<typeof AddressRange>;

/** A new token: at most what the token that asks for it may do itself. */
export const TokenRequest = z
  .strictObject({
    label: z.string().min(1).max(LIMITS.labelLength),
    names: z.array(NamePattern).min(1).max(LIMITS.patterns),
    actions: z.array(Action).min(1).max(3),
    /** Ranges of addresses that may use it; any when left out. */
    addresses: z.array(AddressRange).min(1).max(LIMITS.ranges).optional(),
    expiresInDays: z.int().min(1).max(LIMITS.tokenDays).default(90),
  })
  .meta({ id: "TokenRequest" });
export type TokenRequest = z.input<typeof TokenRequest>;

/** What a registry keeps of a token: never its text. */
export const TokenRecord = z
  .object({
    id: z.string(),
    label: z.string(),
    names: z.array(NamePattern),
    actions: z.array(Action),
    /** Whose it is; without one it is the registry's own. */
    user: z.string().optional(),
    addresses: z.array(z.string()).optional(),
    createdAt: Instant,
    expiresAt: Instant.optional(),
    /** Last use, a minute behind at most. */
    usedAt: Instant.optional(),
  })
  .meta({ id: "TokenRecord" });
export type TokenRecord = z.infer<typeof TokenRecord>;

/** The only time that a token's text is given. */
export const TokenCreated = z.object({ token: z.string(), record: TokenRecord }).meta({ id: "TokenCreated" });
export type TokenCreated = z.infer<typeof TokenCreated>;

/** A page of tokens, oldest first. */
export const TokenList = z.object({ tokens: z.array(TokenRecord), next: z.string().optional() }).meta({ id: "TokenList" });
export type TokenList = z.infer<typeof TokenList>;
