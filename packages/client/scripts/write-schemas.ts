import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectSchemas } from "@graft/client";

/** Writes the JSON Schemas of an app's files to `schemas/`: node --conditions=@graft/source packages/client/scripts/write-schemas.ts */
const folder = join(import.meta.dirname, "../../../schemas");
for (const [name, schema] of Object.entries(projectSchemas())) await writeFile(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
