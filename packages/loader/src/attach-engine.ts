import { AttachVariant, variantOf, type VariantParts } from "./attach-variant.ts";
import { type Engine, type FittedAdapter, Queue, type RowAdapter, type RowOutput } from "./engine.ts";
import type { Feeds } from "@graft/runtime";

/**
 * Adapters as inputs of a graph. Those that leave the base's graph as it is share one session, in which each row can have its
 * own; those that add or replace tensors share one with what adds or replaces the same. Each is opened when it is first needed.
 */
export class AttachEngine implements Engine {
  readonly #parts: VariantParts;
  readonly #variants = new Map<string, AttachVariant>();
  readonly #queue = new Queue();

  constructor(parts: VariantParts) {
    this.#parts = parts;
  }

  add(fitted: FittedAdapter): Promise<readonly []> {
    return this.#queue.run(async () => {
      await this.variant(fitted).add(fitted);
      return [];
    });
  }

  remove(fitted: FittedAdapter): Promise<void> {
    return this.#queue.run(async () => {
      const key = variantOf(fitted.adapter.manifest);
      const variant = this.variant(fitted);
      variant.remove(fitted);
      if (key === "" || variant.size > 0) return;
      this.#variants.delete(key);
      await variant.close();
    });
  }

  lotOf(adapter: RowAdapter): Promise<string> {
    return this.#queue.run(async () => {
      const variant = this.variant(adapter);
      return `${keyOf(adapter)} ${variant.mixes(adapter) ? "" : adapter?.name}`;
    });
  }

  prepare(adapter: RowAdapter): Promise<void> {
    return this.#queue.run(async () => void (await this.variant(adapter).open(adapter)));
  }

  run(feeds: Feeds, rows: readonly RowAdapter[]): Promise<RowOutput[]> {
    return this.#queue.run(() => this.variant(rows[0]).run(feeds, rows));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#variants.values()].map((variant) => variant.close()));
    this.#variants.clear();
  }

  /** The graph that an adapter is in. */
  variant(adapter: RowAdapter): AttachVariant {
    const key = keyOf(adapter);
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const variant = new AttachVariant(this.#parts);
    this.#variants.set(key, variant);
    return variant;
  }
}

function keyOf(adapter: RowAdapter): string {
  return adapter === undefined ? "" : variantOf(adapter.adapter.manifest);
}
