import { join } from "node:path";
import { Project } from "@graft/client/node";

const [, , folder = "", registry = "", cache = "", name = ""] = process.argv;
const project = await Project.open(folder, { registry, cache, environment: { GRAFT_CONFIG: join(cache, "config.json") } });
await project.add([name]);
