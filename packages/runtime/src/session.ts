import type { Feeds } from "./tensor-value.ts";

/** A loaded model. Runs queue; closing during a run is safe and rejects it with CANCELLED. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Where it really runs. */
  readonly device: Exclude<Device, "auto">;
  /**
   * Runs the model. Inputs that are state need not be fed; outputs named in `carry` are not given unless fetched.
   * The buffers of `feeds` stay the caller's.
   */
  run(feeds: Feeds, options?: RunOptions): Promise<Feeds>;
  /** A copy of the state, or of some of it. */
  state(names?: readonly string[]): Promise<Feeds>;
  /** Replaces some of the state, or adds to it. */
  setState(state: Feeds): Promise<void>;
  /** Highest resident memory of the process so far, in bytes. */
  peakMemory(): Promise<number>;
  /** What every operator took since the session was opened with `profile`, longest first; measuring ends with it. */
  operatorTimes(): Promise<readonly OperatorTime[]>;
  /** Ends the session; more than once is fine. */
  close(): Promise<void>;
}

/** All nodes of one operator on one provider. */
export interface OperatorTime {
  readonly operator: string;
  /** ONNX Runtime's name of where it ran: CPU, WebGPU, CUDA. */
  readonly provider: string;
  /** Times that one of the nodes ran. */
  readonly count: number;
  readonly milliseconds: number;
}

/** What one run gives. */
export interface RunOptions {
  /** Outputs to give; by default all that are not carried. */
  readonly fetches?: readonly string[];
  /** Runs one of the session's parts instead of its own model. */
  readonly part?: string;
}

/** A graph beside a session's own that works on the same state. */
export interface SessionPart {
  readonly model: Uint8Array;
  /** Output → state input that it becomes for the next run. */
  readonly carry?: Readonly<Record<string, string>>;
  /** Runs over large tensors of the state piece by piece, and writes what it carries over them: nothing of their size is made. */
  readonly pieces?: Pieces;
}

/** State that a part runs over in pieces: its inputs [n] take the same numbers of each tensor of a group. */
export interface Pieces {
  /** Most numbers of a piece. */
  readonly size: number;
  /** Input of the part → name of the state, for each group; what no input of the session's own is dropped behind it. */
  readonly groups: readonly Readonly<Record<string, string>>[];
}

/** How a session is opened. */
export interface SessionOptions {
  /** Folder that external weights are relative to; real, not a symbolic link. */
  readonly folder?: string;
  /** Bytes of the files that external weights lie in, by location: for a page, which has no folder. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Threads of one operator; by default one per physical core. */
  readonly threads?: number;
  readonly device?: Device;
  /** ONNX Runtime's execution providers as it takes them, in place of `device`'s; the CPU takes what the others leave. */
  readonly providers?: readonly (string | { readonly name: string; readonly [option: string]: unknown })[];
  /** In Node: false opens it in the caller's thread, which `run` then blocks; true by default. */
  readonly worker?: boolean;
  /** Options of ONNX Runtime's own session that have no name here, as it takes them. */
  readonly native?: Readonly<Record<string, unknown>>;
  /** Inputs that stay inside the session between runs. */
  readonly state?: Feeds;
  /** Whether the buffers of `state` are the session's from then on: what is large need not be there twice. */
  readonly givesState?: boolean;
  /** Output → state input that it becomes for the next run. */
  readonly carry?: Readonly<Record<string, string>>;
  /** Further graphs by name; state goes from one to the other without a copy. */
  readonly parts?: Readonly<Record<string, SessionPart>>;
  readonly optimise?: "all" | "extended" | "basic" | "disabled";
  /** ONNX Runtime's optimisers to leave out, by its names, such as "MatMulAddFusion". */
  readonly disabledOptimisers?: readonly string[];
  /** Plan memory ahead for repeated shapes: faster there, more memory where shapes vary. */
  readonly memoryPattern?: boolean;
  /** Keep freed memory for later runs. Off saves memory where shapes vary. */
  readonly arena?: boolean;
  /** Threads that wait for work keep their core busy: faster on an idle machine, half as fast on a busy one. On by default. */
  readonly spinning?: boolean;
  /** Measures every operator, for `operatorTimes`. */
  readonly profile?: boolean;
}

/** Where a model runs. `auto` takes the first that works. */
export type Device = "cpu" | "webgpu" | "cuda" | "auto";
