import { z } from "zod";
import { LockFile } from "./lock-file.ts";
import { ProjectFile } from "./project-file.ts";

/** JSON Schemas of the files in an app, by file name; generated from the zod code that reads them. */
export function projectSchemas(): Readonly<Record<string, unknown>> {
  const options = { target: "draft-2020-12", io: "input" } as const;
  return {
    "graft.schema.json": { title: "graft.json: the adapters of an app", ...z.toJSONSchema(ProjectFile, options) },
    "graft-lock.schema.json": { title: "graft-lock.json: what an app's adapters are pinned to", ...z.toJSONSchema(LockFile, options) },
  };
}
