import { existsSync } from "node:fs";

/** Whether the parts of Ceph that make an S3 are installed. */
export function hasCeph(): boolean {
  return ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool"].every((program) =>
    (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`)),
  );
}
