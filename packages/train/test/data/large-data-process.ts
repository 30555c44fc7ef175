import { trainFromFiles } from "@graft/train/node";
import { CONFIG } from "../tiny.ts";

/** Trains a few steps on a file, in a process whose heap is bounded; prints the digest-free result as base64. Arguments: file, tokenizer, bytes to keep. */
const [data = "", tokenizerFile = "", memoryBytes = ""] = process.argv.slice(2);
for await (const event of trainFromFiles({
  base: { config: CONFIG, tokenizerFile },
  task: "text-classification",
  method: { name: "lora", rank: 2 },
  data,
  batchSize: 4,
  steps: 5,
  threads: 1,
  memoryBytes: Number(memoryBytes),
})) {
  if (event.type === "start") console.log(event.rows);
  if (event.type === "end" && event.result.kind === "adapter") console.log(Buffer.from(event.result.bytes).toString("base64"));
}
