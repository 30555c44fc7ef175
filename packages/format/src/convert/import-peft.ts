import { toFloat32 } from "@graft/safetensors";
import type { Manifest } from "../manifest.ts";
import { packAdapter } from "../pack-adapter.ts";
import type { ConvertBase } from "./convert-base.ts";
import { unsupported } from "./import-error.ts";
import type { ImportParts } from "./import-parts.ts";
import { importTargets } from "./import-targets.ts";
import { importWhole } from "./import-whole.ts";
import { methodName, type PeftConfigFile } from "./peft-config-file.ts";
import type { PeftFile } from "./peft-file.ts";
import { taskOfPeft } from "./peft-tasks.ts";

/** An adapter that PEFT wrote, as Graft's. */
export interface ImportedAdapter {
  /** Bytes of the adapter's file. */
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
  /** What a person should know: what was converted, what was left out and why. */
  readonly notes: readonly string[];
}

/**
 * Converts an adapter of PEFT onto a base, so that the base with it gives what PEFT gives. What cannot be said is refused:
 * CONVERT_UNSUPPORTED, CONVERT_INVALID, BASE_MISMATCH, NOT_FINITE.
 */
export async function importPeft(
  peft: PeftFile,
  base: ConvertBase,
  options: { readonly writer: Manifest["writer"] },
): Promise<ImportedAdapter> {
  const { config, file } = peft;
  const parts: ImportParts = {
    targets: [],
    whole: [],
    tensors: new Map(),
    notes: [],
    stored: ({ key }) => file.tensor(key),
    values: async ({ key }) => {
      const { dtype, data } = await file.tensor(key);
      return toFloat32(dtype, data);
    },
  };
  const outputs = headOutputs(peft, base);
  const type = taskOfPeft(config.task_type, outputs);
  const head = outputs === undefined ? undefined : base.head(type, outputs);
  if (outputs !== undefined && head === undefined) throw unsupported(`Graft has no head for the task ${config.task_type ?? type}`);
  await importTargets(peft, base, { parts, head });
  await importWhole(peft, base, { parts, head });
  const manifest: Manifest = {
    formatVersion: 1,
    method: methodOf(config),
    task: {
      type,
      labels: outputs === undefined ? [] : [...base.labels(outputs)],
      ...head?.task,
      ...(head === undefined ? {} : { head: head.head }),
    },
    base: base.reference,
    targets: parts.targets,
    tensors: parts.whole,
    writer: options.writer,
  };
  return { manifest, notes: parts.notes, bytes: packAdapter({ manifest, tensors: parts.tensors }) };
}

function methodOf(config: PeftConfigFile): Manifest["method"] {
  const source = `PEFT ${config.peft_version ?? "of unknown version"}`.slice(0, 200);
  if (config.peft_type === "IA3") return { name: "ia3", source };
  return { name: methodName(config), rank: config.r, alpha: config.lora_alpha, rankStabilised: config.use_rslora, source };
}

/** How many values the head gives: rows of the weight that a task's class ends with. */
function headOutputs({ tensors, config }: PeftFile, base: ConvertBase): number | undefined {
  const whole = tensors.filter(({ part, module, shape }) => part === "weight" && shape.length === 2 && base.matrix(module) === undefined);
  // Any count tells the modules of the head; the last one's rows are the outputs.
  const last = base.head(taskOfPeft(config.task_type, 2), 2)?.tensors.findLast(({ key }) => key.endsWith(".weight"));
  const found = whole.find(({ module }) => module === last?.module);
  if (found !== undefined) return found.shape[0];
  if (config.task_type !== "SEQ_CLS" && config.task_type !== "TOKEN_CLS") return undefined;
  throw unsupported(
    `its task is ${config.task_type}, and it has no "${last?.module ?? "classifier"}.weight": PEFT would start one at random`,
    {
      hint: "Train again with the classifier in modules_to_save",
    },
  );
}
