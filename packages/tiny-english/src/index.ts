import { fileURLToPath } from "node:url";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Folder of the base: config.json, model.safetensors (float16), tokenizer.json and its card. */
export const TINY_ENGLISH_FOLDER = path("../tiny-english");

/** The gloss topics: WordNet noun definitions labelled act, animal, artifact, location, person or plant. */
export const GLOSS_TOPICS = { train: path("../data/gloss-topics/train.jsonl"), test: path("../data/gloss-topics/test.jsonl") } as const;

/** Numbers of a LoRA run on the gloss topics: what the quickstart and the bench use. */
export const TOPICS_LORA = {
  method: { name: "lora", rank: 8, alpha: 8, targets: "all-linear" },
  epochs: 4,
  batchSize: 16,
  learningRate: 1e-3,
} as const;

/** Numbers of a run that trains the head alone on the frozen base. */
export const TOPICS_HEAD = { method: { name: "head" }, epochs: 4, batchSize: 16, learningRate: 2e-3 } as const;
