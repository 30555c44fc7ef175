import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openApiDocument } from "@graft/registry";

/** Writes the OpenAPI document to `schemas/`: node --conditions=@graft/source packages/registry/scripts/write-openapi.ts */
const path = join(import.meta.dirname, "../../../schemas/openapi.json");
await writeFile(path, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
