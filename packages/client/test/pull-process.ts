import { join } from "node:path";
import { createClient } from "@graft/client/node";

const [, , registry = "", name = "", cache = ""] = process.argv;
const client = await createClient({ registry, cache, environment: { GRAFT_CONFIG: join(cache, "config.json") } });
process.stdout.write(`${(await client.pull(name)).path}\n`);
