import { GraftError } from "@graft/error";
import type { NativeSession } from "./native-session.ts";
import type { OperatorTime, Pieces, SessionOptions } from "./session.ts";
import type { Feeds, TensorValue } from "./tensor-value.ts";

/** A native session, and which of its outputs are state of the next run. */
export interface NativePart {
  readonly native: NativeSession;
  readonly carry?: Readonly<Record<string, string>> | undefined;
  readonly pieces?: Pieces | undefined;
}

/** What is run: the session's own model, or one of its parts. */
interface RunChoice {
  readonly fetches?: readonly string[] | undefined;
  readonly part?: string | undefined;
}

/** Native sessions with inputs that stay in them, shared by all: an output named in `carry` is that input in the next run. */
export class StatefulSession {
  readonly #main: NativePart;
  readonly #parts: ReadonlyMap<string, NativePart>;
  readonly #state: Map<string, TensorValue>;

  constructor(main: NativePart, options: Pick<SessionOptions, "state"> & { parts?: ReadonlyMap<string, NativePart> }) {
    this.#main = main;
    this.#parts = options.parts ?? new Map();
    this.#state = new Map(Object.entries(options.state ?? {}));
    const inputs = this.#inputs();
    const wrong = [
      ...[...this.#state.keys(), ...this.#all().flatMap(({ carry = {}, pieces }) => (pieces === undefined ? Object.values(carry) : []))]
        .filter((name) => !inputs.has(name))
        .map((name) => `no input "${name}"`),
      ...this.#all().flatMap(({ native, carry = {} }) =>
        Object.keys(carry).flatMap((output) => (native.outputNames.includes(output) ? [] : [`no output "${output}"`])),
      ),
    ];
    if (wrong.length > 0) throw new GraftError("USAGE", `Cannot keep state in the session: the model has ${wrong.slice(0, 3).join(", ")}`);
  }

  get inputNames(): readonly string[] {
    return this.#main.native.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#main.native.outputNames;
  }

  async run(feeds: Feeds, { fetches, part }: RunChoice = {}): Promise<Feeds> {
    const chosen = part === undefined ? this.#main : this.#parts.get(part);
    if (chosen === undefined) throw new GraftError("USAGE", `Cannot run "${part}": the session has no such part`);
    if (chosen.pieces !== undefined) return this.#runPieces(chosen, chosen.pieces, feeds);
    const { native, carry = {} } = chosen;
    const carried = new Set(Object.keys(carry));
    const wanted = fetches ?? native.outputNames.filter((name) => !carried.has(name));
    this.#checkNames(native, { feeds, fetches: wanted });
    const state = Object.fromEntries([...this.#state].filter(([name]) => native.inputNames.includes(name)));
    const outputs = await native.run({ ...state, ...feeds }, [...new Set([...wanted, ...carried])]);
    for (const [output, input] of Object.entries(carry)) this.#state.set(input, outputs[output] as TensorValue);
    return Object.fromEntries(
      wanted.map((name) => [name, carried.has(name) ? copy(outputs[name] as TensorValue) : (outputs[name] as TensorValue)]),
    );
  }

  async #runPieces({ native, carry = {} }: NativePart, { size, groups }: Pieces, feeds: Feeds): Promise<Feeds> {
    for (const group of groups) {
      const tensors = Object.entries(group).map(([input, name]) => [input, this.#known(name)] as const);
      const whole = Math.max(...tensors.map(([, { data }]) => data.length));
      for (let at = 0; at < whole; at += size) {
        const end = Math.min(whole, at + size);
        const pieces = tensors.map(([input, { type, data }]) => [input, { type, dims: [end - at], data: data.subarray(at, end) }] as const);
        const outputs = await native.run({ ...feeds, ...(Object.fromEntries(pieces) as Feeds) }, Object.keys(carry));
        for (const [output, input] of Object.entries(carry))
          (this.#known(group[input] ?? "").data as Float32Array).set(outputs[output]?.data as Float32Array, at);
      }
      for (const name of Object.values(group)) if (!this.#isKept(name)) this.#state.delete(name);
    }
    return {};
  }

  /** Whether the session's own model reads a state, or nobody but it is left to give it. */
  #isKept(name: string): boolean {
    return this.#main.native.inputNames.includes(name) || !Object.values(this.#main.carry ?? {}).includes(name);
  }

  #known(name: string): TensorValue {
    const value = this.#state.get(name);
    if (value === undefined) throw new GraftError("USAGE", `Cannot read the state "${name}": the session has none of that name`);
    return value;
  }

  state(names: readonly string[] = [...this.#state.keys()]): Feeds {
    return Object.fromEntries(names.map((name) => [name, copy(this.#known(name))]));
  }

  setState(state: Feeds): void {
    const inputs = this.#inputs();
    for (const name of Object.keys(state)) {
      if (!inputs.has(name)) throw new GraftError("USAGE", `Cannot set the state "${name}": the model has no such input`);
    }
    for (const [name, value] of Object.entries(state)) this.#state.set(name, value);
  }

  /** Of the session's own model. USAGE when it was not opened to be measured. */
  operatorTimes(): readonly OperatorTime[] {
    const times = this.#main.native.operatorTimes?.();
    if (times === undefined) throw new GraftError("USAGE", "Cannot tell the operators' times: the session was not opened with profile");
    return times;
  }

  async release(): Promise<void> {
    this.#state.clear();
    for (const { native } of this.#all()) await native.release();
  }

  #all(): readonly NativePart[] {
    return [this.#main, ...this.#parts.values()];
  }

  #inputs(): ReadonlySet<string> {
    return new Set(
      this.#all().flatMap(({ native, pieces }) =>
        pieces === undefined ? native.inputNames : pieces.groups.flatMap((group) => Object.values(group)),
      ),
    );
  }

  #checkNames({ inputNames, outputNames }: NativeSession, { feeds, fetches }: { feeds: Feeds; fetches: readonly string[] }): void {
    // ONNX Runtime ignores an input it does not know, so a misspelt one would go unnoticed.
    for (const name of Object.keys(feeds))
      if (!inputNames.includes(name))
        throw new GraftError("USAGE", `Cannot feed "${name}": the model has no such input, it has ${inputNames.slice(0, 8).join(", ")}`);
    for (const name of inputNames)
      if (!Object.hasOwn(feeds, name) && !this.#state.has(name))
        throw new GraftError("USAGE", `Cannot run the model: the input "${name}" is not fed`);
    for (const name of fetches)
      if (!outputNames.includes(name)) throw new GraftError("USAGE", `Cannot fetch "${name}": the model has no such output`);
  }
}

/** Loads a model and its parts, one runtime for all, and gives them their common state. Codes of `load`. */
export async function openStateful(
  load: (model: Uint8Array, options: SessionOptions) => Promise<NativeSession>,
  model: Uint8Array,
  options: SessionOptions,
): Promise<{ session: StatefulSession; native: NativeSession }> {
  const native = await load(model, options);
  const parts = new Map<string, NativePart>();
  for (const [name, part] of Object.entries(options.parts ?? {}))
    parts.set(name, { native: await load(part.model, options), carry: part.carry, pieces: part.pieces });
  return { native, session: new StatefulSession({ native, carry: options.carry }, { ...options, parts }) };
}

function copy(value: TensorValue): TensorValue {
  return { ...value, data: value.data.slice() };
}
