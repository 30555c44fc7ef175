import { DigestText, Name, Version } from "@graft/format";
import { z } from "zod";

/** Name of the file that says what a bundle holds. */
export const BUNDLE_FILE = "graft-bundle.json";

/** A path below the bundle, with slashes. */
const Path = z
  .string()
  .regex(/^[^/\\\0]+(?:\/[^/\\\0]+)*$/, "want a path below the bundle")
  .refine((path) => !path.split("/").includes(".."), "a path may not leave the bundle");

const BundledFile = z.strictObject({ path: Path, size: z.int().min(0), digest: DigestText });

/** `graft-bundle.json`: a base and adapters for it in one folder, for apps that ship without a registry. */
export const BundleFile = z.strictObject({
  bundleVersion: z.literal(1),
  base: z.strictObject({
    name: z.string(),
    fingerprint: DigestText,
    path: Path.describe("Folder of the checkpoint, or the ONNX file"),
    files: z.array(BundledFile).describe("Every file of the base"),
  }),
  adapters: z.record(
    Name,
    BundledFile.extend({
      version: Version,
      merged: Path.optional().describe("ONNX file with this adapter merged into the base"),
    }),
  ),
});
/** `graft-bundle.json`: a base and adapters for it in one folder, for apps that ship without a registry. */
export type BundleFile = z.infer<typeof BundleFile>;

/** JSON Schemas of what this package writes, by file name. */
export function bundleSchemas(): Readonly<Record<string, unknown>> {
  return {
    "graft-bundle.schema.json": {
      title: "graft-bundle.json: a base and adapters for it in one folder",
      ...z.toJSONSchema(BundleFile, { target: "draft-2020-12", io: "input" }),
    },
  };
}
