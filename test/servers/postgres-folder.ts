import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const DEBIAN = "/usr/lib/postgresql";

/** The folder of PostgreSQL's programs: `GRAFT_POSTGRES`, or the newest that Debian installed; undefined where there is none. */
export function postgresFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one)) : [];
  return [process.env["GRAFT_POSTGRES"], ...versions.map((version) => join(DEBIAN, version, "bin"))].find(
    (folder) => folder !== undefined && existsSync(join(folder, "initdb")),
  );
}
