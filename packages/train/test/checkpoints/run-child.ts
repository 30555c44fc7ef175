/** A process that trains from files as it is told on its command line, and ends by itself unless it is killed. */
import { trainFromFiles, type TrainFileOptions } from "@graft/train/node";

const options = JSON.parse(process.argv[2] ?? "") as TrainFileOptions;
try {
  for await (const event of trainFromFiles(options)) if (event.type !== "end") process.stdout.write(`${JSON.stringify(event)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message} [${(error as { code?: string }).code}]\n`);
  process.exitCode = 1;
}
