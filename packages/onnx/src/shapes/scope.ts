import type { ValueType } from "./value-type.ts";

/** Values by name; a subgraph also sees those of the graph around it. */
export class Scope {
  readonly own = new Map<string, ValueType>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  get(name: string): ValueType | undefined {
    return this.own.get(name) ?? this.#outer?.get(name);
  }

  set(name: string, value: ValueType): void {
    this.own.set(name, value);
  }
}
