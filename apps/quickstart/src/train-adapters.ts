import { join } from "node:path";
import { Progress, formatBytes, formatSeconds } from "@graft/terminal";
import { GLOSS_TOPICS, TINY_ENGLISH_FOLDER, TOPICS_HEAD, TOPICS_LORA } from "@graft/tiny-english";
import { trainFromFiles } from "@graft/train/node";
import type { Run } from "./quickstart.ts";
import { line } from "./say.ts";

/** A trained adapter: its file, and how many numbers were trained. */
export interface Trained {
  readonly path: string;
  readonly parameters: number;
}

/** Trains the adapter, and a head on the frozen base to compare it with. */
export async function trainAdapters(run: Run): Promise<{ lora: Trained; head: Trained }> {
  const lora = await trainOne(run, { ...TOPICS_LORA, label: "LoRA", file: "adapter.safetensors" });
  const head = await trainOne(run, { ...TOPICS_HEAD, label: "Head alone", file: "head.safetensors" });
  return { lora, head };
}

async function trainOne(
  { folder, signal }: Run,
  { label, file, ...recipe }: (typeof TOPICS_LORA | typeof TOPICS_HEAD) & { label: string; file: string },
): Promise<Trained> {
  const path = join(folder, file);
  const progress = new Progress({ enabled: true });
  const begin = performance.now();
  let parameters = 0;
  let said = "";
  for await (const event of trainFromFiles({
    ...recipe,
    base: TINY_ENGLISH_FOLDER,
    task: "text-classification",
    data: GLOSS_TOPICS.train,
    output: path,
    seed: 1,
    signal,
  })) {
    if (event.type === "start") {
      parameters = event.parameters.trained;
      line(
        `${label}: ${event.rows} rows, ${parameters.toLocaleString("en")} of ${(parameters + event.parameters.frozen).toLocaleString("en")} parameters trained`,
      );
    } else if (event.type === "step") {
      const { step, steps, loss, tokensPerSecond, secondsLeft, peakMemory } = event;
      progress.update({
        label: `   ${label}`,
        done: step,
        total: steps,
        detail: `step ${step}/${steps}  loss ${loss.toFixed(3)}  ${Math.round(tokensPerSecond)} tokens/s  ${formatSeconds(secondsLeft)} left`,
      });
      said = `${steps} steps, last loss ${loss.toFixed(3)}, ${Math.round(tokensPerSecond)} tokens/s, peak memory ${formatBytes(peakMemory)}`;
    }
  }
  progress.end();
  line(`${label}: ${said}, ${formatSeconds((performance.now() - begin) / 1000)}`);
  return { path, parameters };
}
