import { relative } from "node:path";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";

/** Begins a step. */
export function heading(number: number, text: string): void {
  process.stdout.write(`\n${number}. ${text}\n`);
}

/** One line of a step. */
export function line(text: string): void {
  process.stdout.write(`   ${text}\n`);
}

/** Commands that go on from here and work as printed, from the folder where this one was typed. */
export function sayWhatNext(folder: string): void {
  const path = (absolute: string): string => {
    const short = relative(process.cwd(), absolute);
    return short.startsWith("..") ? absolute : `./${short}`;
  };
  const graft = "npm run --silent graft --";
  const base = path(TINY_ENGLISH_FOLDER);
  const run = path(folder);
  line("Classify a sentence of your own:");
  line(`  ${graft} predict --base ${base} --adapter ${run}/adapter.safetensors "a large bird that cannot fly"`);
  line("See what is in the adapter, or in the base:");
  line(`  ${graft} inspect ${run}/adapter.safetensors`);
  line(`  ${graft} inspect ${base}/model.safetensors`);
  line("Keep the registry running, and search it from another shell:");
  line(`  ${graft} serve --data ${run}/registry`);
  line(`  ${graft} search topics --registry http://127.0.0.1:7447`);
}
