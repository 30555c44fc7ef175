import { checkpointBase } from "@graft/architectures";
import { createTokenizer } from "@graft/runtime";
import { openSession } from "@graft/runtime/web";
import { bytesSource, readHeader } from "@graft/safetensors";
import { losses, type Run } from "./losses.ts";

/** The page that the test calls: everything that it trains with comes from the folder of a checkpoint, over HTTP. */
async function trainPage(folder: string, options: Pick<Run, "rows" | "steps" | "device">): Promise<{ losses: number[]; device: string }> {
  const [config, tokenizer, weights] = await Promise.all([
    read(`${folder}/config.json`).then((answer) => answer.json() as Promise<Record<string, unknown>>),
    read(`${folder}/tokenizer.json`).then((answer) => answer.json() as Promise<unknown>),
    read(`${folder}/model.safetensors`).then(async (answer) => new Uint8Array(await answer.arrayBuffer())),
  ]);
  const location = "model.safetensors";
  const header = await readHeader(bytesSource(weights));
  const base = checkpointBase(config, { files: [{ location, header }], open: async () => bytesSource(weights) });
  return losses({
    ...options,
    base: { ...base, name: "tiny-english", folder: "", files: [] },
    tokenizer: createTokenizer(tokenizer),
    openSession: (model, sessionOptions) => openSession(model, { ...sessionOptions, files: { [location]: weights } }),
  });
}

async function read(url: string): Promise<Response> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

Object.assign(globalThis, { trainPage });
