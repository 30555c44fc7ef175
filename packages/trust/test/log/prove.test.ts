import { consistencyProof, emptyRoot, inclusionProof, isConsistent, isIncluded, leafHash, treeRoot, type Tree } from "@graft/trust";
import { assert, asyncProperty, constantFrom, integer, nat, record, tuple } from "fast-check";
import { expect, test } from "vitest";
import { referee, runReferee } from "../../../../test/referee.ts";
import { aLog, numbered } from "./a-log.ts";
import { CONSISTENCY, INCLUSION, LEAVES, ROOTS } from "./vectors.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const published = LEAVES.map((text) => new Uint8Array(Buffer.from(text, "hex")));
const treeOf = async (leaves: readonly Uint8Array[], size = leaves.length): Promise<Tree> => ({
  size,
  root: await treeRoot(size, await aLog(leaves)),
});

test("roots, audit paths and consistency proofs are those published for Certificate Transparency", async () => {
  const log = await aLog(published);
  expect(hex(await emptyRoot())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(await Promise.all(ROOTS.map(async (_, index) => hex(await treeRoot(index + 1, log))))).toEqual(ROOTS);
  for (const { position, size, proof } of INCLUSION) expect((await inclusionProof(position, size, log)).map(hex)).toEqual(proof);
  for (const { older, newer, proof } of CONSISTENCY) expect((await consistencyProof(older, newer, log)).map(hex)).toEqual(proof);
});

test("every leaf of every small tree is proved, and every tree goes on from every smaller one", async () => {
  const leaves = numbered(20);
  const log = await aLog(leaves);
  for (let size = 0; size <= leaves.length; size++) {
    const tree = await treeOf(leaves, size);
    for (let position = 0; position < size; position++) {
      const leaf = { position, hash: await leafHash(leaves[position] as Uint8Array) };
      expect(await isIncluded(leaf, await inclusionProof(position, size, log), tree)).toBe(true);
    }
    for (let older = 0; older <= size; older++)
      expect(await isConsistent(await treeOf(leaves, older), tree, await consistencyProof(older, size, log))).toBe(true);
  }
});

test("a proof with one bit, one place, one hash or one size changed proves nothing", async () => {
  const leaves = numbered(700);
  const log = await aLog(leaves);
  const trees = new Map<number, Tree>();
  const tree = async (size: number): Promise<Tree> => {
    const known = trees.get(size) ?? { size, root: await treeRoot(size, log) };
    trees.set(size, known);
    return known;
  };
  const sizes = tuple(integer({ min: 1, max: 700 }), integer({ min: 1, max: 700 })).map(
    ([a, b]) => [Math.min(a, b), Math.max(a, b)] as const,
  );
  const change = record({ kind: constantFrom("bit", "drop", "add", "swap", "size", "place"), at: nat(), bit: nat(255) });
  await assert(
    asyncProperty(sizes, change, async ([small, size], { kind, at, bit }) => {
      const position = small - 1;
      const leaf = { position, hash: await leafHash(leaves[position] as Uint8Array) };
      const paths = [await inclusionProof(position, size, log), await consistencyProof(small, size, log)].map((proof) => {
        const changed = proof.map((hash) => hash.slice());
        const hash = changed[at % Math.max(1, changed.length)];
        if (kind === "bit" && hash !== undefined) hash[bit >> 3] = (hash[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        if (kind === "drop") changed.splice(at % Math.max(1, changed.length), 1);
        if (kind === "add") changed.splice(at % (changed.length + 1), 0, new Uint8Array(32));
        if (kind === "swap" && changed.length > 1) changed.push(changed.shift() as Uint8Array<ArrayBuffer>);
        return { proof, changed };
      });
      const [inclusion, consistency] = paths as [(typeof paths)[0], (typeof paths)[0]];
      const other = kind === "size" ? await tree(size === 700 ? size - 1 : size + 1) : await tree(size);
      const moved = kind === "place" ? { ...leaf, position: (position + 1) % size } : leaf;
      const same = (left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean => left.map(hex).join() === right.map(hex).join();
      const isUnchanged = (path: (typeof paths)[0]): boolean =>
        same(path.proof, path.changed) && kind !== "size" && (kind !== "place" || moved.position === position);
      expect(await isIncluded(moved, inclusion.changed, other)).toBe(isUnchanged(inclusion));
      const older = await tree(small);
      const forged = kind === "place" ? { ...older, root: (await tree(small === 700 ? 699 : small + 1)).root } : older;
      expect(await isConsistent(forged, other, consistency.changed)).toBe(isUnchanged(consistency) && kind !== "place");
    }),
    { numRuns: 400 },
  );
});

const PYMERKLE = `
import json, sys
from pymerkle import InmemoryTree
asked = json.load(sys.stdin)
tree = InmemoryTree(algorithm='sha256')
for leaf in asked['leaves']: tree.append_entry(leaf.encode())
print(json.dumps({
  'roots': [tree.get_state(size).hex() for size in asked['sizes']],
  'inclusion': [[hash.hex() for hash in tree.prove_inclusion(position + 1, size).path] for position, size in asked['inclusion']],
}))
`;

test.skipIf(referee === undefined)("pymerkle computes the same roots and audit paths for trees of many sizes", async () => {
  const sizes = [1, 2, 3, 7, 255, 256, 257, 300, 511, 512, 513, 769];
  const inclusion = sizes.flatMap((size) => [0, Math.floor(size / 2), size - 1].map((position) => [position, size] as const));
  const leaves = numbered(769);
  const log = await aLog(leaves);
  const theirs = JSON.parse(
    runReferee(PYMERKLE, JSON.stringify({ leaves: leaves.map((leaf) => new TextDecoder().decode(leaf)), sizes, inclusion })).toString(),
  ) as { roots: string[]; inclusion: string[][] };
  expect(await Promise.all(sizes.map(async (size) => hex(await treeRoot(size, log))))).toEqual(theirs.roots);
  for (const [index, [position, size]] of inclusion.entries())
    // Theirs begins with the leaf itself.
    expect((await inclusionProof(position, size, log)).map(hex)).toEqual(theirs.inclusion[index]?.slice(1));
  const trees = sizes.map((size, index) => ({ size, root: new Uint8Array(Buffer.from(theirs.roots[index] ?? "", "hex")) }));
  for (const newer of trees)
    for (const older of trees.filter(({ size }) => size < newer.size))
      expect(await isConsistent(older, newer, await consistencyProof(older.size, newer.size, log))).toBe(true);
});
