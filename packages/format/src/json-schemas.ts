import { z } from "zod";
import { Manifest } from "./manifest.ts";

/** JSON Schemas that are published, by file name; generated from the zod code that validates. Rules that span fields are not in them. */
export function jsonSchemas(): Readonly<Record<string, unknown>> {
  return {
    "manifest.schema.json": {
      title: "Graft adapter manifest, format version 1",
      ...z.toJSONSchema(Manifest, { target: "draft-2020-12", io: "input" }),
    },
  };
}
