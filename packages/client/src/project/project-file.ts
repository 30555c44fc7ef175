import { Name, Range, Tag } from "@graft/format";
import { z } from "zod";

/** Name of the file in which an app says which adapters it uses. */
export const PROJECT_FILE = "graft.json";

/** `graft.json`: the adapters of an app by name, each with the range of versions that it takes. */
export const ProjectFile = z.strictObject({
  $schema: z.string().optional(),
  base: z.string().min(1).optional().describe("The base: a checkpoint folder or an ONNX file, seen from this file"),
  adapters: z
    .record(Name, z.union([Range, Tag]))
    .default({})
    .describe("Adapters by name, each with a range of versions or a tag"),
});
/** `graft.json`: the adapters of an app by name, each with the range of versions that it takes. */
export type ProjectFile = z.infer<typeof ProjectFile>;
