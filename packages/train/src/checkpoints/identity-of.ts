import type { BaseReference } from "@graft/format";
import type { DataReferences } from "../data-references.ts";
import type { Settings } from "../defaults.ts";
import { WRITER } from "../writer.ts";
import type { TrainOptions } from "../options.ts";
import type { Task } from "../tasks/task.ts";
import type { RunIdentity } from "./run-identity.ts";

/** What a run is told from another by: everything that its bytes depend on. */
export function identityOf(
  options: Pick<TrainOptions, "method" | "metrics" | "threads" | "device">,
  parts: { settings: Settings; task: Task; data: DataReferences; base: BaseReference },
): RunIdentity {
  const { settings, task, data, base } = parts;
  const tokens = (part: "train" | "evaluation"): number => task.lengths[part].reduce((sum, length) => sum + length, 0);
  // JSON drops what is undefined.
  return JSON.parse(
    JSON.stringify({
      writer: WRITER,
      base: { fingerprint: base.fingerprint, files: base.files.map(({ digest }) => digest), tokenizer: base.tokenizer },
      // The same files read by other columns have other tokens.
      data: { ...data.data, tokens: tokens("train") },
      ...(data.evaluation === undefined ? {} : { evaluation: { ...data.evaluation, tokens: tokens("evaluation") } }),
      task: task.plan,
      method: options.method,
      settings,
      metrics: options.metrics,
      hardware: { device: options.device ?? "cpu", threads: options.threads },
    }),
  ) as RunIdentity;
}
