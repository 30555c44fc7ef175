import { createHash } from "node:crypto";
import type { Digest } from "@graft/digest";
import { drawWord, FREQUENT, randomOf } from "./vocabulary.ts";

/** Adapters per base, per scope, and versions per adapter. */
const PER_BASE = 5_000;
const PER_SCOPE = 50;
export const VERSIONS = 10;
const MATRICES = 48;
/** Sets of targets that the adapters of one base choose from: attention alone, everything, … */
const SETS = 4;

const METHODS = ["lora", "lora", "lora", "dora", "ia3", "bitfit"];
const TASKS = ["text-classification", "token-classification", "feature-extraction", "text-generation", "image-classification"];
const LICENSES = ["Apache-2.0", "MIT", "CC-BY-4.0"];
const LANGUAGES = ["en", "de", "fr", "pt-BR", "zh"];
const RANKS = [4, 8, 16, 32];

/** A base, and the matrices of each set of targets. */
export interface ScaleBase {
  readonly name: string;
  readonly fingerprint: Digest;
  readonly matrices: readonly Digest[];
  readonly sets: readonly (readonly Digest[])[];
}

/** An adapter; its versions differ in their numbers only. */
export interface ScaleAdapter {
  readonly name: string;
  readonly scope: string;
  readonly base: number;
  readonly set: number;
  readonly method: string;
  readonly task: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly publishedAt: string;
  readonly downloads: number;
}

const digestOf = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** Bases of a registry of so many adapters. */
export function scaleBases(adapters: number): ScaleBase[] {
  return Array.from({ length: Math.max(4, Math.ceil(adapters / PER_BASE)) }, (_, base) => {
    const matrices = Array.from({ length: MATRICES }, (__, matrix) => digestOf(`base ${base} matrix ${matrix}`));
    const sets = Array.from({ length: SETS }, (__, set) => matrices.filter((___, matrix) => set === 0 || matrix % (SETS + 1) <= set));
    return { name: `base-${base}`, fingerprint: digestOf(`base ${base}`), matrices, sets };
  });
}

/** One adapter of so many, by its number: every run makes the same. */
export function scaleAdapter(index: number, adapters: number): ScaleAdapter {
  const random = randomOf(index * 7_919 + 1);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const bases = Math.max(4, Math.ceil(adapters / PER_BASE));
  const scope = `s${Math.floor(random() * Math.max(1, adapters / PER_SCOPE))}`;
  const words = Array.from({ length: 12 }, () => drawWord(random));
  if (index % 3 === 0) words.push(FREQUENT);
  const keywords = [drawWord(random), drawWord(random)];
  const [method, task, rank] = [pick(METHODS), pick(TASKS), pick(RANKS)];
  const description = words.join(" ");
  return {
    name: `@${scope}/${drawWord(random)}-${index}`,
    scope,
    // Half of all adapters are of a tenth of the bases.
    base: Math.floor(random() ** 3 * bases),
    set: Math.floor(random() * SETS),
    method,
    task,
    description,
    keywords,
    manifest: { description, keywords, license: pick(LICENSES), languages: [pick(LANGUAGES)], task: { labels: [] }, targets: [{ rank }] },
    publishedAt: new Date(Date.UTC(2024, 0, 1) + Math.floor(random() * 700 * 86_400) * 1_000).toISOString(),
    // Most are hardly downloaded, a few are very often.
    downloads: Math.floor(random() ** -1.2) - 1,
  };
}
