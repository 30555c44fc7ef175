import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { tarball } from "../../../src/facades/npm/tarball.ts";
import type { VersionFile } from "../../../src/facades/version-files.ts";

test("a package is what zlib and tar read, also where a file has more bytes than a stored block", async () => {
  const contents = { "package.json": new TextEncoder().encode("{}\n"), "adapter.safetensors": new Uint8Array(randomBytes(200_001)) };
  const files = Object.entries(contents).map(([path, content]): VersionFile => ({ path, content, size: content.length }));
  const make = async (pieceLength: number): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    const read = async function* (file: VersionFile): AsyncGenerator<Uint8Array> {
      const content = "content" in file ? file.content : new Uint8Array();
      for (let begin = 0; begin < content.length; begin += pieceLength) yield content.subarray(begin, begin + pieceLength);
    };
    for await (const piece of tarball(files, read)) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const packed = await make(2 ** 20);
  // What zlib unpacks had the right checksum and size.
  const unpacked = gunzipSync(packed);
  expect(unpacked.length % 512).toBe(0);
  const list = spawnSync("tar", ["-tv", "--utc", "--full-time"], { input: unpacked, encoding: "utf8" });
  expect([list.status, list.stdout]).toEqual([
    0,
    expect.stringMatching(/3 1985-10-26 08:15:00 package\/package\.json\n.* 200001 1985-10-26 08:15:00 package\/adapter\.safetensors\n$/),
  ]);
  const extracted = spawnSync("tar", ["-xO", "package/adapter.safetensors"], { input: unpacked, maxBuffer: 2 ** 20 });
  expect(new Uint8Array(extracted.stdout)).toEqual(contents["adapter.safetensors"]);
});
