import { GraftError } from "@graft/error";
import type { NativeSession } from "./onnxruntime.ts";
import type { SessionOptions } from "./session.ts";
import type { Feeds, TensorValue } from "./tensor-value.ts";

/** A native session with inputs that stay in it: an output named in `carry` is that input in the next run. */
export class StatefulSession {
  readonly #native: NativeSession;
  readonly #state: Map<string, TensorValue>;
  readonly #carry: readonly (readonly [output: string, input: string])[];

  constructor(native: NativeSession, options: Pick<SessionOptions, "state" | "carry">) {
    this.#native = native;
    this.#state = new Map(Object.entries(options.state ?? {}));
    this.#carry = Object.entries(options.carry ?? {});
    const wrong = [
      ...[...this.#state.keys(), ...this.#carry.map(([, input]) => input)]
        .filter((name) => !native.inputNames.includes(name))
        .map((name) => `no input "${name}"`),
      ...this.#carry.flatMap(([output]) => (native.outputNames.includes(output) ? [] : [`no output "${output}"`])),
    ];
    if (wrong.length > 0) throw new GraftError("USAGE", `Cannot keep state in the session: the model has ${wrong.slice(0, 3).join(", ")}`);
  }

  get inputNames(): readonly string[] {
    return this.#native.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#native.outputNames;
  }

  async run(feeds: Feeds, fetches?: readonly string[]): Promise<Feeds> {
    const carried = new Set(this.#carry.map(([output]) => output));
    const wanted = fetches ?? this.outputNames.filter((name) => !carried.has(name));
    this.#checkNames(feeds, wanted);
    const outputs = await this.#native.run({ ...Object.fromEntries(this.#state), ...feeds }, [...new Set([...wanted, ...carried])]);
    for (const [output, input] of this.#carry) this.#state.set(input, outputs[output] as TensorValue);
    return Object.fromEntries(
      wanted.map((name) => [name, carried.has(name) ? copy(outputs[name] as TensorValue) : (outputs[name] as TensorValue)]),
    );
  }

  state(names: readonly string[] = [...this.#state.keys()]): Feeds {
    return Object.fromEntries(
      names.map((name) => {
        const value = this.#state.get(name);
        if (value === undefined) throw new GraftError("USAGE", `Cannot read the state "${name}": the session has none of that name`);
        return [name, copy(value)];
      }),
    );
  }

  setState(state: Feeds): void {
    for (const name of Object.keys(state)) {
      if (!this.inputNames.includes(name)) throw new GraftError("USAGE", `Cannot set the state "${name}": the model has no such input`);
    }
    for (const [name, value] of Object.entries(state)) this.#state.set(name, value);
  }

  release(): Promise<void> {
    this.#state.clear();
    return this.#native.release();
  }

  #checkNames(feeds: Feeds, fetches: readonly string[]): void {
    // ONNX Runtime ignores an input it does not know, so a misspelt one would go unnoticed.
    for (const name of Object.keys(feeds))
      if (!this.inputNames.includes(name))
        throw new GraftError(
          "USAGE",
          `Cannot feed "${name}": the model has no such input, it has ${this.inputNames.slice(0, 8).join(", ")}`,
        );
    for (const name of this.inputNames)
      if (!Object.hasOwn(feeds, name) && !this.#state.has(name))
        throw new GraftError("USAGE", `Cannot run the model: the input "${name}" is not fed`);
    for (const name of fetches)
      if (!this.outputNames.includes(name)) throw new GraftError("USAGE", `Cannot fetch "${name}": the model has no such output`);
  }
}

function copy(value: TensorValue): TensorValue {
  return { ...value, data: value.data.slice() };
}
