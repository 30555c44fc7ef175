import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jsonSchemas } from "@graft/format";

/** Writes the JSON Schemas of the format to `schemas/`: node --conditions=@graft/source packages/format/scripts/write-schemas.ts */
const folder = join(import.meta.dirname, "../../../schemas");
await mkdir(folder, { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas())) await writeFile(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
