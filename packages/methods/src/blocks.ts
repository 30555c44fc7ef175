/** Splits a module path at the number of its block: `encoder.layer.11.output` is block 11 of `encoder.layer`. */
function blockOf(module: string): { readonly stem: string; readonly index: number } | undefined {
  const [, stem, index] = /^(.*?)\.(\d+)(?:\.|$)/.exec(module) ?? [];
  return stem === undefined || index === undefined ? undefined : { stem, index: Number(index) };
}

/** How many blocks a base has, and which one a module belongs to. The stack is the one with most tensors. */
export interface Blocks {
  readonly count: number;
  /** Counts from 0; undefined for a module outside of the stack. */
  of(module: string): number | undefined;
}

/** Finds the stack of blocks in the module paths of a base's tensors. */
export function findBlocks(modules: readonly string[]): Blocks {
  const sizes = new Map<string, number>();
  for (const module of modules) {
    const stem = blockOf(module)?.stem;
    if (stem !== undefined) sizes.set(stem, (sizes.get(stem) ?? 0) + 1);
  }
  const [stack] = [...sizes].toSorted(([, one], [, other]) => other - one)[0] ?? [];
  const of = (module: string): number | undefined => {
    const block = blockOf(module);
    return block?.stem === stack ? block?.index : undefined;
  };
  return { count: modules.reduce((count, module) => Math.max(count, (of(module) ?? -1) + 1), 0), of };
}
