import type { MethodOptions } from "@graft/methods";
import type { TaskName } from "@graft/train";
import type { Gloss } from "./topics.ts";

/** One version of a demo adapter: what it is called, how it is trained, and what becomes of it. */
export interface DemoAdapter {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly task: TaskName;
  readonly method: MethodOptions;
  readonly learningRate: number;
  readonly epochs: number;
  /** Rows of its task out of the gloss topics. */
  readonly rows: (glosses: readonly Gloss[]) => readonly Readonly<Record<string, unknown>>[];
  /** A version that its author took the recommendation from, and why. */
  readonly deprecated?: string;
  /** Whether the author signs it, beside the registry. */
  readonly signed?: boolean;
}

const TOPICS = (glosses: readonly Gloss[]) => glosses.map(({ text, label }) => ({ text, label }));
const LIVING = new Set(["animal", "plant", "person"]);

const topics = {
  task: "text-classification",
  keywords: ["topics", "wordnet", "english"],
  rows: TOPICS,
  epochs: 2,
} as const;

/** A dozen adapters of one base: several tasks, methods, ranks and versions. Small, but all of them really trained. */
export const DEMO_ADAPTERS: readonly DemoAdapter[] = [
  {
    ...topics,
    name: "@demo/gloss-topics",
    version: "1.0.0",
    description: "Tells what a definition defines: act, animal, artifact, location, person or plant",
    method: { name: "lora", rank: 2, alpha: 2, targets: "all-linear" },
    learningRate: 2e-3,
    deprecated: "Rank 2 was too little; use 1.1.0 or newer",
  },
  {
    ...topics,
    name: "@demo/gloss-topics",
    version: "1.1.0",
    description: "Tells what a definition defines: act, animal, artifact, location, person or plant",
    method: { name: "lora", rank: 8, alpha: 8, targets: "all-linear" },
    learningRate: 2e-3,
    signed: true,
  },
  {
    ...topics,
    name: "@demo/gloss-topics",
    version: "2.0.0",
    description: "Tells what a definition defines: act, animal, artifact, location, person or plant",
    method: { name: "lora", rank: 16, alpha: 16, targets: "all-linear" },
    learningRate: 2e-3,
    signed: true,
  },
  {
    ...topics,
    name: "@demo/topics-dora",
    version: "1.0.0",
    description: "The gloss topics by weight-decomposed adaptation",
    method: { name: "dora", rank: 4, alpha: 4, targets: "all-linear" },
    learningRate: 2e-3,
  },
  {
    ...topics,
    name: "@demo/topics-ia3",
    version: "1.0.0",
    description: "The gloss topics by scaling vectors alone",
    method: { name: "ia3" },
    learningRate: 1e-2,
  },
  {
    ...topics,
    name: "@demo/topics-bitfit",
    version: "1.0.0",
    description: "The gloss topics by the biases alone",
    method: { name: "bitfit" },
    learningRate: 4e-3,
  },
  {
    ...topics,
    name: "@demo/topics-bottleneck",
    version: "1.0.0",
    description: "The gloss topics by adapter layers, as Pfeiffer places them",
    method: { name: "bottleneck", variant: "P" },
    learningRate: 2e-3,
  },
  {
    ...topics,
    name: "@demo/living-things",
    version: "1.0.0",
    description: "Whether a definition is of something that lives",
    keywords: ["biology", "english"],
    rows: (glosses) => glosses.map(({ text, label }) => ({ text, label: LIVING.has(label) ? "lives" : "does not live" })),
    method: { name: "lora", rank: 4, alpha: 8, targets: "attention" },
    learningRate: 2e-3,
  },
  {
    ...topics,
    name: "@demo/places",
    version: "0.9.0-beta.1",
    description: "Whether a definition is of a place",
    keywords: ["geography", "english"],
    rows: (glosses) => glosses.map(({ text, label }) => ({ text, label: label === "location" ? "place" : "something else" })),
    method: { name: "lora", rank: 2, alpha: 2, targets: "attention" },
    learningRate: 2e-3,
  },
  {
    ...topics,
    name: "@demo/gloss-length",
    version: "1.0.0",
    description: "How many words a definition has, in tens",
    keywords: ["length"],
    task: "regression",
    rows: (glosses) => glosses.map(({ text }) => ({ text, score: text.split(" ").length / 10 })),
    method: { name: "lora", rank: 4, alpha: 4, targets: "all-linear" },
    learningRate: 2e-3,
  },
  {
    ...topics,
    name: "@demo/topic-vectors",
    version: "1.0.0",
    description: "Vectors in which definitions of like things are near each other",
    keywords: ["vectors", "search"],
    task: "sentence-embeddings",
    rows: pairsOfTopics,
    method: { name: "lora", rank: 8, alpha: 8, targets: "all-linear" },
    learningRate: 1e-3,
    epochs: 1,
  },
  {
    ...topics,
    name: "@demo/gloss-words",
    version: "1.0.0",
    description: "Fills a gap in a definition",
    keywords: ["words"],
    task: "masked-language-modelling",
    rows: (glosses) => glosses.map(({ text }) => ({ text })),
    method: { name: "lora", rank: 8, alpha: 8, targets: "all-linear" },
    learningRate: 1e-3,
    epochs: 1,
  },
];

/** Each definition with the next one of its topic. */
function pairsOfTopics(glosses: readonly Gloss[]): { text: string; pair: string }[] {
  const last = new Map<string, string>();
  return glosses.flatMap(({ text, label }) => {
    const before = last.get(label);
    last.set(label, text);
    return before === undefined ? [] : [{ text: before, pair: text }];
  });
}
