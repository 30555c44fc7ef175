import { z } from "zod";
import { Combination } from "./combination.ts";
import { Golden } from "./golden.ts";
import { Head } from "./head.ts";
import { LIMITS } from "./limits.ts";
import { Name, Version } from "./names.ts";
import { TrainingReceipt } from "./receipt.ts";
import { Count, DigestText, Dimension, FileName, Identifier, Key, LanguageTag, Module, Scalar, text } from "./scalars.ts";

/** How the difference is parametrised, with the method's own options. */
export const MethodReference = z
  .object({ name: Identifier })
  .catchall(Scalar)
  .meta({ id: "MethodReference", description: "How the difference is parametrised" });
/** How the difference is parametrised. */
export type MethodReference = z.infer<typeof MethodReference>;

/** What the adapter does: the order of `labels` is the order of the outputs; empty where a task has none. `activation` makes scores of outputs. */
export const Task = z
  .strictObject({
    type: Identifier,
    labels: z.array(text(LIMITS.labelLength)).max(LIMITS.labels),
    activation: z.enum(["softmax", "sigmoid", "identity", "normalise"]).optional(),
    threshold: z.number().min(0).max(1).optional(),
    head: Head.optional(),
  })
  .meta({ id: "Task", description: "What the adapter does" });
/** What the adapter does. */
export type Task = z.infer<typeof Task>;

/** The frozen model, by content; `name` and `revision` only help people. */
export const BaseReference = z
  .strictObject({
    name: text(LIMITS.textLength),
    revision: text(LIMITS.textLength).optional(),
    fingerprint: DigestText,
    files: z.array(z.strictObject({ name: FileName, digest: DigestText, size: Count })).max(LIMITS.baseFiles),
    tokenizer: DigestText.optional(),
    family: Identifier.optional(),
  })
  .meta({ id: "BaseReference", description: "The frozen model, by content" });
/** The frozen model, by content. */
export type BaseReference = z.infer<typeof BaseReference>;

/** A matrix of the base that the method adapts; which of the optional fields it has is the method's to say. */
export const Target = z
  .strictObject({
    module: Module,
    digest: DigestText,
    in: Dimension,
    out: Dimension,
    kind: z.enum(["embedding", "convolution"]).optional(),
    kernel: z.array(Dimension).min(1).max(3).optional(),
    rank: Dimension.optional(),
    alpha: z.number().min(-LIMITS.scale).max(LIMITS.scale).optional(),
    scale: z.number().min(-LIMITS.scale).max(LIMITS.scale).optional(),
    side: z.enum(["input", "output"]).optional(),
  })
  .meta({ id: "Target", description: "A matrix of the base; by `lora`, what is added to it is scale · B·A" });
/** A matrix of the base that the method adapts. */
export type Target = z.infer<typeof Target>;

/** A tensor trained as a whole: part of the head, in place of one of the base's, whose digest it then may give, or added beside the base. */
export const WholeTensor = z
  .strictObject({
    key: Key,
    shape: z.array(Dimension).max(8),
    role: z.enum(["head", "replacement", "added"]),
    module: Module,
    digest: DigestText.optional(),
  })
  .meta({ id: "WholeTensor", description: "A tensor trained as a whole" });
/** A tensor trained as a whole. */
export type WholeTensor = z.infer<typeof WholeTensor>;

/** The document that describes one adapter version, format version 1; rules that span fields are in `manifest-rules.ts`. */
export const Manifest = z.strictObject({
  formatVersion: z.literal(1),
  name: Name.optional(),
  version: Version.optional(),
  description: text(LIMITS.descriptionLength).optional(),
  license: text(LIMITS.textLength).optional(),
  keywords: z.array(text(LIMITS.keywordLength)).max(LIMITS.keywords).optional(),
  languages: z.array(LanguageTag).max(LIMITS.languages).optional(),
  method: MethodReference,
  task: Task,
  base: BaseReference,
  targets: z.array(Target).max(LIMITS.targets),
  tensors: z.array(WholeTensor).max(LIMITS.tensors),
  writer: z.strictObject({ name: text(LIMITS.textLength), version: Version }),
  training: TrainingReceipt.optional(),
  combination: Combination.optional(),
  golden: Golden.optional(),
});
/** The document that describes one adapter version. */
export type Manifest = z.infer<typeof Manifest>;
