import { hasCeph } from "../test/servers/ceph-programs.ts";
import type { DebianPart } from "./debian-packages.ts";

/** A real S3: Ceph's gateway. The services that Debian sets up are not used. */
export const ceph: DebianPart = {
  name: "Ceph",
  packages: ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"],
  without: "Tests on S3",
  isReady: hasCeph,
};
