import type { Target } from "../manifest.ts";
import type { ConvertMatrix } from "./convert-base.ts";

/** What a manifest's target says of its matrix, whichever format the adapter comes from. */
export function targetForm(
  module: string,
  { digest, in: columns, out, kind, kernel }: ConvertMatrix,
): Pick<Target, "module" | "digest" | "in" | "out" | "kind" | "kernel"> {
  return {
    module,
    digest,
    in: columns,
    out,
    ...(kind === undefined ? {} : { kind }),
    ...(kernel === undefined ? {} : { kernel: [...kernel] }),
  };
}
