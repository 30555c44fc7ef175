import { parseDigest, type Digest } from "@graft/digest";
import type { StoredVersionSummary } from "../metadata/version-store.ts";
import type { VersionRow } from "./tables/versions.ts";

/** A digest that we wrote ourselves; NAME_INVALID would mean a damaged database. */
export function asDigest(text: string): Digest {
  return parseDigest(text);
}

/** A column as a property: SQL's null is an absent key. */
export function optional<Key extends string, Value>(key: Key, value: Value | null): { readonly [K in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

/** Columns of versions that a list needs: all but the documents. */
export const SUMMARY_COLUMNS = [
  "versions.name",
  "versions.version",
  "versions.digest",
  "versions.size",
  "versions.tensors_digest",
  "versions.base",
  "versions.method",
  "versions.task",
  "versions.description",
  "versions.keywords",
  "versions.published_at",
  "versions.published_by",
  "versions.deprecated",
] as const;

/** A row of versions as it goes into a list. */
export type SummaryRow = Pick<
  VersionRow,
  | "name"
  | "version"
  | "digest"
  | "size"
  | "tensors_digest"
  | "base"
  | "method"
  | "task"
  | "description"
  | "keywords"
  | "published_at"
  | "published_by"
  | "deprecated"
>;

/** A row in the words of the interface. */
export function summaryOf(row: SummaryRow): StoredVersionSummary {
  return {
    name: row.name,
    version: row.version,
    digest: asDigest(row.digest),
    size: Number(row.size),
    tensorsDigest: asDigest(row.tensors_digest),
    base: asDigest(row.base),
    method: row.method,
    task: row.task,
    ...optional("description", row.description),
    keywords: JSON.parse(row.keywords) as string[],
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    ...optional("deprecated", row.deprecated),
  };
}
