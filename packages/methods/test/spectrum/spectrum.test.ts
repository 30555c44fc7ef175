import { describe, expect, test } from "vitest";
import {
  adapterSpectrum,
  amplification,
  inputDirections,
  productSpectrum,
  rankUse,
  spectrumPicture,
  subspaceSimilarity,
} from "@graft/methods";
import { uniformStream } from "../../src/random.ts";
import { referee, runReferee } from "../../../../test/referee.ts";

function gaussian(count: number, seed: number): Float32Array {
  const uniform = uniformStream(seed, "test");
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

const CASES = [
  { in: 96, out: 64, rank: 8, scale: 2 },
  { in: 48, out: 160, rank: 16, scale: 0.25 },
  { in: 20, out: 20, rank: 20, scale: 1 },
  { in: 30, out: 12, rank: 1, scale: -3 },
].map((one, index) => ({
  ...one,
  a: gaussian(one.rank * one.in, index + 1),
  b: gaussian(one.out * one.rank, index + 11),
  weight: gaussian(one.out * one.in, index + 21),
  other: gaussian(4 * one.in, index + 31),
}));

const NUMPY = `
import json, sys
import numpy as np
def answer(case):
    a, b, w, o = (np.array(case[name], dtype=np.float64) for name in ("a", "b", "weight", "other"))
    r, i, out = case["rank"], case["in"], case["out"]
    a, b, w, o = a.reshape(r, i), b.reshape(out, r), w.reshape(out, i), o.reshape(4, i)
    delta = case["scale"] * b @ a
    u, s, vt = np.linalg.svd(delta, full_matrices=False)
    u, vt = u[:, :r], vt[:r]
    right = lambda m: np.linalg.svd(m, full_matrices=False)[2].T
    one, two = right(a), right(o)
    phi = [[np.linalg.norm(one[:, :x + 1].T @ two[:, :y + 1]) ** 2 / min(x + 1, y + 1) for y in range(two.shape[1])] for x in range(one.shape[1])]
    projected = np.linalg.norm(u.T @ w @ vt.T)
    return {"values": s[:r].tolist(), "phi": phi, "projected": projected, "factor": np.linalg.norm(delta) / projected}
print(json.dumps([answer(case) for case in json.load(sys.stdin)]))
`;

test.skipIf(referee === undefined)("singular values, φ and the amplification factor are numpy's", () => {
  const plain = CASES.map((one) => ({ ...one, a: [...one.a], b: [...one.b], weight: [...one.weight], other: [...one.other] }));
  const answers = JSON.parse(runReferee(NUMPY, JSON.stringify(plain)).toString()) as {
    values: number[];
    phi: number[][];
    projected: number;
    factor: number;
  }[];
  for (const [index, one] of CASES.entries()) {
    const theirs = answers[index] as (typeof answers)[number];
    const delta = productSpectrum(one);
    for (const [rank, value] of theirs.values.entries()) expect((delta.values[rank] ?? 0) / value).toBeCloseTo(1, 10);
    const phi = subspaceSimilarity(inputDirections(one.a, one), inputDirections(one.other, { rank: 4, in: one.in }));
    for (const [i, row] of theirs.phi.entries()) for (const [j, value] of row.entries()) expect(phi[i]?.[j]).toBeCloseTo(value, 10);
    const amplified = amplification(delta, one);
    expect(amplified.projectedNorm / theirs.projected).toBeCloseTo(1, 10);
    expect((amplified.factor ?? 0) / theirs.factor).toBeCloseTo(1, 10);
  }
});

describe("φ", () => {
  const size = { rank: 8, in: 768 };
  const one = inputDirections(gaussian(8 * 768, 1), size);
  const other = inputDirections(gaussian(8 * 768, 2), size);

  test("is 1 of a subspace with itself, at every i and j", () => {
    const same = subspaceSimilarity(one, one);
    for (let i = 0; i < 8; i++) for (let j = 0; j < 8; j++) expect(same[i]?.[j]).toBeCloseTo(1, 10);
  });

  test("is near nothing between two random Gaussians", () => {
    expect(Math.max(...subspaceSimilarity(one, other).flat())).toBeLessThan(0.05);
  });

  test("finds a subspace inside a wider one", () => {
    const wide = new Float32Array(16 * 768);
    wide.set(gaussian(8 * 768, 1));
    wide.set(gaussian(8 * 768, 3), 8 * 768);
    expect(subspaceSimilarity(one, inputDirections(wide, { rank: 16, in: 768 }))[7]?.[15]).toBeCloseTo(1, 10);
  });
});

describe("the use of a rank", () => {
  test("is all of it when every direction is as strong", () => {
    expect(rankUse([2, 2, 2, 2])).toMatchObject({ stableRank: 4, rank90: 4, rank99: 4, energy: [0.25, 0.5, 0.75, 1] });
    expect(rankUse([2, 2, 2, 2]).effectiveRank).toBeCloseTo(4, 12);
  });
  test("is one direction when the others are empty, and none of a delta that is zero", () => {
    expect(rankUse([3, 0, 0])).toMatchObject({ effectiveRank: 1, stableRank: 1, rank90: 1, rank99: 1 });
    expect(rankUse([0, 0])).toMatchObject({ effectiveRank: 0, stableRank: 0, rank90: 0, rank99: 0 });
  });
});

test("an adapter's targets are looked at in its order, against the base and another adapter, and drawn", async () => {
  const [first] = CASES as [(typeof CASES)[number]];
  const module = "bert.encoder.layer.3.attention.self.query";
  const digest = `sha256:${"0".repeat(64)}` as const;
  const target = { module, digest, in: first.in, out: first.out, rank: first.rank, alpha: 1, scale: first.scale };
  const source = {
    manifest: { targets: [target] },
    values: (key: string) => Promise.resolve(key.includes("lora_A") ? first.a : first.b),
  };
  const spectra = await adapterSpectrum(source, {
    weight: () => Promise.resolve(first.weight),
    against: { ...source, manifest: { targets: [{ ...target, module: module.slice("bert.".length) }] } },
  });
  expect(spectra).toHaveLength(1);
  expect(spectra[0]).toMatchObject({ module, rank: 8, rank99: expect.any(Number), amplification: { factor: expect.any(Number) } });
  expect(spectra[0]?.similarity?.[7]?.[7]).toBeCloseTo(1, 10);
  const picture = spectrumPicture(spectra);
  expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*3\.self\.query.*<\/svg>$/);
  expect(picture.match(/<rect/g)).toHaveLength(8 + 1 + 64);
  expect(spectrumPicture([])).toContain("<svg");
});
