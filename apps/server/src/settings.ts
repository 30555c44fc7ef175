import { GraftError } from "@graft/error";
import { LIMITS } from "@graft/protocol";
import { z } from "zod";
import { ACCESS_SETTINGS } from "./access-settings.ts";

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Every setting of the server: its variable, what it is for, and what it may be. */
export const SETTINGS = {
  host: { variable: "GRAFT_HOST", about: "address to listen on", schema: z.string().min(1).default("127.0.0.1") },
  port: { variable: "GRAFT_PORT", about: "port to listen on; 0 takes a free one", schema: whole(0, 65_535).default(7447) },
  data: { variable: "GRAFT_DATA", about: "folder of the database and the blobs", schema: z.string().min(1).default("./graft-data") },
  database: {
    variable: "GRAFT_DATABASE",
    about: "postgres:// address of a database that servers share",
    schema: z
      .string()
      .regex(/^postgres(?:ql)?:\/\//, "want postgres://user:password@host:port/database")
      .optional(),
    isSecret: true,
    otherwise: "registry.sqlite in the data folder",
  },
  databaseConnections: {
    variable: "GRAFT_DATABASE_CONNECTIONS",
    about: "connections to that database at most",
    schema: whole(1, 1_000).default(10),
  },
  upstream: {
    variable: "GRAFT_UPSTREAM",
    about: "address of a registry to mirror instead of being one",
    schema: z.url({ protocol: /^https?$/ }).optional(),
    otherwise: "none",
  },
  mirrorSeconds: {
    variable: "GRAFT_MIRROR_SECONDS",
    about: "seconds after which a mirror asks again what it shows",
    schema: z.coerce.number().min(0).max(86_400).default(60),
  },
  signingKeyFile: {
    variable: "GRAFT_SIGNING_KEY_FILE",
    about: "file of the key that signs; servers of one database need the same",
    schema: z.string().min(1).optional(),
    otherwise: "signing-key in the data folder",
  },
  blobs: {
    variable: "GRAFT_BLOBS",
    about: "folder of the blobs, or s3://bucket?endpoint=… with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    schema: z.string().min(1).optional(),
    otherwise: "blobs in the data folder",
  },
  keepHours: {
    variable: "GRAFT_KEEP_HOURS",
    about: "hours that uploads are kept which broke off, and blobs that no version names; longer than any upload takes",
    schema: z.coerce.number().min(0.01).max(10_000).default(48),
  },
  blobBytes: {
    variable: "GRAFT_MAX_BLOB_BYTES",
    about: "largest adapter, in bytes",
    schema: whole(1, LIMITS.blobBytes).default(LIMITS.blobBytes),
  },
  bodyBytes: {
    variable: "GRAFT_MAX_BODY_BYTES",
    about: "largest JSON body, in bytes",
    schema: whole(1_000, LIMITS.bodyBytes).default(LIMITS.bodyBytes),
  },
  idleSeconds: {
    variable: "GRAFT_IDLE_SECONDS",
    about: "seconds without a byte after which a sender is given up",
    schema: z.coerce.number().min(0.1).max(3_600).default(30),
  },
  drainSeconds: {
    variable: "GRAFT_DRAIN_SECONDS",
    about: "seconds that requests have to finish when the server stops",
    schema: z.coerce.number().min(0).max(3_600).default(30),
  },
  metricsPort: {
    variable: "GRAFT_METRICS_PORT",
    about: "port for /metrics, as Prometheus reads them; 0 takes a free one",
    schema: whole(0, 65_535).optional(),
    otherwise: "none",
  },
  pages: {
    variable: "GRAFT_PAGES",
    about: "on or off: the pages that people browse",
    schema: z
      .enum(["on", "off"])
      .default("on")
      .transform((value) => value === "on"),
  },
  ...ACCESS_SETTINGS,
  pageBases: {
    variable: "GRAFT_PAGE_BASES",
    about: "folders of bases that a page may fetch to try adapters, with commas between",
    schema: z
      .string()
      .default("")
      .transform((list) => list.split(",").filter((folder) => folder !== "")),
    otherwise: "tiny-english, where it is installed",
  },
  logLevel: {
    variable: "GRAFT_LOG_LEVEL",
    about: "trace, debug, info, warn, error or silent",
    schema: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  },
} as const satisfies Record<string, Setting>;

/** One setting. What is secret is never printed; `otherwise` says what happens without one that has no default. */
interface Setting {
  readonly variable: string;
  readonly about: string;
  readonly schema: z.ZodType;
  readonly isSecret?: boolean;
  readonly otherwise?: string;
}

/** Settings as the server takes them. */
export type ServerSettings = { readonly [Name in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[Name]["schema"]> };

/** Reads the settings from variables; USAGE names the first that is wrong. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): ServerSettings {
  const entries = Object.entries<Setting>(SETTINGS).map(([name, { variable, about, schema, isSecret = false }]) => {
    const result = schema.safeParse(environment[variable]);
    if (result.success) return [name, result.data] as const;
    const found = isSecret ? "wrong" : `"${environment[variable] ?? ""}"`;
    throw new GraftError(
      "USAGE",
      `Cannot start the server: ${variable} (${about}) is ${found}: ${result.error.issues[0]?.message ?? "wrong"}`,
    );
  });
  return Object.fromEntries(entries) as unknown as ServerSettings;
}

/** The settings as text for `--help`. */
export function describeSettings(): string {
  return Object.values<Setting>(SETTINGS)
    .map(
      ({ variable, about, schema, otherwise }) =>
        `  ${variable.padEnd(26)} ${about} (default ${otherwise ?? String(schema.parse(undefined))})`,
    )
    .join("\n");
}
