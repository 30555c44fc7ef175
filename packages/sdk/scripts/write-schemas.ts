import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleSchemas } from "@graft/sdk";

/** Writes the JSON Schema of a bundle to `schemas/`: node --conditions=@graft/source packages/sdk/scripts/write-schemas.ts */
const folder = join(import.meta.dirname, "../../../schemas");
for (const [name, schema] of Object.entries(bundleSchemas())) await writeFile(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
