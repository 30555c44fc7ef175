import type { Base } from "@graft/architectures";
import type { Merged, RoundedTarget } from "@graft/methods";
import type { ModelProto } from "@graft/onnx";

/** A file of a merged model, and how it came there. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  /** `linked` shares the base's bytes; `copied` could not, because the folder is on another file system. */
  readonly how: "written" | "linked" | "copied";
}

/** A merged model on disk. */
export interface WrittenModel {
  /** Of the graph. */
  readonly path: string;
  readonly files: readonly WrittenFile[];
  /** Targets that are stored narrower than float32, and what rounding left of the adapter in each. */
  readonly rounded: readonly RoundedTarget[];
}

/** Writes a merged model; `check` runs on the finished files, by their graph and its folder, before they appear. */
export type WriteModel = (
  base: Base,
  path: string,
  options: {
    readonly merged: Merged;
    /** Of the adapter. */
    readonly digest: string;
    readonly overwrite?: boolean;
    readonly check: (model: ModelProto, folder: string) => Promise<void>;
  },
) => Promise<WrittenModel>;
