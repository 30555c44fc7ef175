import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { measureMatrices } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { createClient, Project } from "@graft/client/node";
import { prepareVersion } from "@graft/format";
import { writeBundle, type WrittenBundle } from "@graft/sdk";
import { startServer } from "@graft/server";
import { GLOSS_TOPICS, TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { trainFromFiles } from "@graft/train/node";

/** What the site answers, each from the same definitions: a name, and what becomes of a topic. */
const ADAPTERS: Readonly<Record<string, (topic: string) => string>> = {
  "@example/topics": (topic) => topic,
  "@example/alive": (topic) => (["animal", "plant", "person"].includes(topic) ? "alive" : "not alive"),
  "@example/places": (topic) => (topic === "location" ? "a place" : "no place"),
};

/** Trains the adapters of the site, publishes them to a registry of their own, and bundles what an app gets that adds them. */
export async function makeModels(options: {
  readonly work: string;
  readonly output: string;
  /** Rows that each adapter sees. */
  readonly rows: number;
  readonly say: (text: string) => void;
}): Promise<WrittenBundle> {
  const { work, output, rows, say } = options;
  const lines = (await readFile(GLOSS_TOPICS.train, "utf8")).split("\n", rows).filter((line) => line !== "");
  const glosses = lines.map((line) => JSON.parse(line) as { text: string; label: string });
  const server = await startServer({ data: join(work, "registry"), host: "127.0.0.1", port: 0, logLevel: "silent" });
  try {
    const base = await openBase(TINY_ENGLISH_FOLDER);
    const settings = { registry: server.url, cache: join(work, "cache") };
    const client = await createClient({ ...settings, token: server.token });
    const identity = await identifyBase(base);
    await client.registry.registerBase({ ...identity.reference, matrices: await measureMatrices(base, identity) });
    for (const [name, label] of Object.entries(ADAPTERS)) {
      say(`Training ${name} on ${glosses.length} definitions`);
      const file = join(work, `${name.slice("@example/".length)}.safetensors`);
      for await (const _ of trainFromFiles({
        base: TINY_ENGLISH_FOLDER,
        task: "text-classification",
        method: { name: "lora", rank: 8, alpha: 8, targets: "all-linear" },
        data: glosses.map((gloss) => ({ text: gloss.text, label: label(gloss.label) })),
        epochs: 3,
        batchSize: 16,
        learningRate: 2e-3,
        seed: 1,
        output: file,
      }));
      await client.publish(await prepareVersion(await readFile(file), { name, version: "1.0.0" }));
    }
    await (await Project.open(work, settings)).add(Object.keys(ADAPTERS));
    return await writeBundle({ ...settings, project: work, base: TINY_ENGLISH_FOLDER, output, overwrite: true });
  } finally {
    await server.close();
  }
}
