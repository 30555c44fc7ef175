import { existsSync } from "node:fs";
import type { DebianPart } from "./debian-packages.ts";

/** A client of the OCI distribution specification. */
export const skopeo: DebianPart = {
  name: "skopeo",
  packages: ["skopeo"],
  without: "Tests with skopeo",
  isReady: () => existsSync("/usr/bin/skopeo"),
};
