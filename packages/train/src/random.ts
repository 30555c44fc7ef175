import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** Starts the random numbers of one purpose: the same on every machine, and no purpose disturbs another. */
export function randomStream(seed: number, purpose: string): RandomGenerator {
  // FNV-1a, so that neighbouring seeds and purposes start far apart.
  let hash = 0x811c9dc5;
  for (const character of `${purpose}:${seed}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return xoroshiro128plus(hash);
}

/** A number from 0 up to and without 1. */
export function fraction(random: RandomGenerator): number {
  return uniformFloat64(random);
}

/** A whole number from 0 up to and without `end`. */
export function below(random: RandomGenerator, end: number): number {
  return uniformInt(random, 0, end - 1);
}

/** Numbers of a normal distribution around 0 (Box and Muller 1958). */
export function normals(random: RandomGenerator, options: { count: number; deviation: number }): Float32Array {
  const values = new Float32Array(options.count);
  for (let index = 0; index < values.length; index += 2) {
    const radius = options.deviation * Math.sqrt(-2 * Math.log(1 - fraction(random)));
    const angle = 2 * Math.PI * fraction(random);
    values[index] = radius * Math.cos(angle);
    // A write past an odd end is dropped by the array.
    values[index + 1] = radius * Math.sin(angle);
  }
  return values;
}
