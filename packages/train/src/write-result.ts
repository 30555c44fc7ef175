import type { Base } from "@graft/architectures";
import { writeFileWhole } from "@graft/files";
import type { TrainResult } from "./result.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";

/** Writes an adapter's file or a checkpoint's folder. DISK_FULL, NOT_WRITABLE. */
export async function writeResult(
  result: TrainResult,
  options: { base: Base; output: string; dtype?: "F32" | "F16" | undefined },
): Promise<void> {
  const { base, output, dtype } = options;
  if (result.kind === "adapter") return writeFileWhole(output, result.bytes);
  const { config = {}, tokenizerFile } = base;
  await writeCheckpoint(output, {
    config: { ...config, ...architecturesOf(config) },
    tensors: result.tensors,
    ...(tokenizerFile === undefined ? {} : { tokenizerFile }),
    ...(dtype === undefined ? {} : { dtype }),
  });
}

/** Masked-language models of `transformers` by model type. */
const MASKED_CLASSES: Readonly<Record<string, string>> = {
  bert: "BertForMaskedLM",
  camembert: "CamembertForMaskedLM",
  "deberta-v2": "DebertaV2ForMaskedLM",
  distilbert: "DistilBertForMaskedLM",
  roberta: "RobertaForMaskedLM",
  "xlm-roberta": "XLMRobertaForMaskedLM",
};

function architecturesOf(config: Readonly<Record<string, unknown>>): { architectures?: readonly string[] } {
  const name = MASKED_CLASSES[String(config["model_type"])];
  return name === undefined ? {} : { architectures: [name] };
}
