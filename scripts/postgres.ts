import type { DebianPart } from "./debian-packages.ts";
import { postgresFolder } from "../test/servers/postgres-folder.ts";

/** The database of several servers. The cluster that Debian makes is not used. */
export const postgres: DebianPart = {
  name: "PostgreSQL",
  packages: ["postgresql"],
  without: "Tests on PostgreSQL",
  isReady: () => postgresFolder() !== undefined,
};
