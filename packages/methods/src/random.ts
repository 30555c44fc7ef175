import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Draws numbers that depend on the seed and the stream's name alone, so that the order in which tensors are filled does not matter. */
export function uniformStream(seed: number, name: string): () => number {
  const generator = xoroshiro128plus(mix(seed, name));
  // The first states are close to the seed.
  for (let count = 0; count < 8; count++) generator.next();
  return () => (generator.next() >>> 8) / 2 ** 24;
}

/** Values of N(0, deviation²), by Box and Muller. */
export function fillGaussian(values: Float32Array, uniform: () => number, deviation: number): void {
  for (let index = 0; index < values.length; index += 2) {
    // 1 - u is never zero.
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    values[index] = radius * Math.cos(angle);
    if (index + 1 < values.length) values[index + 1] = radius * Math.sin(angle);
  }
}

/** Values between -bound and bound. */
export function fillUniform(values: Float32Array, uniform: () => number, bound: number): void {
  for (let index = 0; index < values.length; index++) values[index] = (2 * uniform() - 1) * bound;
}

/** FNV-1a over the seed and the name. */
function mix(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const code of [...new Uint8Array(new Float64Array([seed]).buffer), ...new TextEncoder().encode(name)])
    hash = Math.imul(hash ^ code, 0x01000193);
  return hash | 0;
}
