import {
  inclusionProof,
  joinHashes,
  joinLeaves,
  levelSize,
  parseTilePath,
  splitLeaves,
  tilePath,
  tileReader,
  treeRoot,
} from "@graft/trust";
import { array, assert, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { aLog, numbered } from "./a-log.ts";

test("paths of tiles are those of the specification of tiled logs", () => {
  expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
  expect(tilePath({ level: 1, index: 0, width: 8 })).toBe("tile/1/000.p/8");
  expect(tilePath({ level: "entries", index: 273, width: 112 })).toBe("tile/entries/273.p/112");
  for (const path of ["tile/0/x001/x234/067", "tile/1/000.p/8", "tile/entries/273.p/112"])
    expect(tilePath(parseTilePath(path) ?? { level: 0, index: 9, width: 9 })).toBe(path);
  for (const path of [
    "tile/0/67",
    "tile/00/067",
    "tile/64/000",
    "tile/0/x000/067",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/../000",
    "tile/0/000.p/08",
  ])
    expect(parseTilePath(path)).toBeUndefined();
});

test("the files of a plain file server are enough for every proof", async () => {
  const size = 66_000;
  const log = await aLog(numbered(size));
  const asked = new Map<string, Promise<Uint8Array>>();
  const files = tileReader(size, ({ level, index, width }) => {
    const path = tilePath({ level, index, width });
    const end = index * 256 + width;
    expect(end).toBeLessThanOrEqual(levelSize(size, level));
    const file = asked.get(path) ?? log(level, { begin: index * 256, end }).then(joinHashes);
    asked.set(path, file);
    return file;
  });
  expect(await treeRoot(size, files)).toEqual(await treeRoot(size, log));
  expect(await inclusionProof(40_000, size, files)).toEqual(await inclusionProof(40_000, size, log));
  expect([...asked.keys()]).toEqual(expect.arrayContaining(["tile/0/156", "tile/1/000", "tile/1/001.p/1", "tile/0/257.p/208"]));
  await expect(
    treeRoot(
      size,
      tileReader(size, async () => new Uint8Array(32)),
    ),
  ).rejects.toMatchObject({ code: "LOG_INVALID" });
});

test("leaves come out of a bundle as they went in, and a bundle that is cut short is refused", () => {
  assert(
    property(array(uint8Array({ maxLength: 400 }), { maxLength: 20 }), (leaves) => {
      const bundle = joinLeaves(leaves);
      expect(splitLeaves(bundle)).toEqual(leaves);
      if (bundle.length > 0) expect(() => splitLeaves(bundle.subarray(0, -1))).toThrow(/cut short/);
    }),
  );
  expect(() => joinLeaves([new Uint8Array(65_536)])).toThrow(/65536/);
});
