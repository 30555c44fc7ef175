import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { measureMatrices } from "@graft/architectures";
import { prepareVersion } from "@graft/format";
import { createClient } from "@graft/client/node";
import { isGraftError } from "@graft/error";
import type { RunningServer } from "@graft/server";
import { formatBytes } from "@graft/terminal";
import type { TinyEnglish } from "./open-tiny-english.ts";
import type { Run } from "./quickstart.ts";
import { line } from "./say.ts";
import type { Trained } from "./train-adapters.ts";

/** Name that the quickstart publishes under. */
const ADAPTER = { name: "@quickstart/gloss-topics", version: "1.0.0" } as const;

/** Registers the base and publishes the adapter; then the same bytes again, and other bytes, to show what becomes of them. */
export async function publishAdapter(
  { folder, signal }: Run,
  { server, tiny, trained }: { server: RunningServer; tiny: TinyEnglish; trained: { lora: Trained; head: Trained } },
): Promise<void> {
  const client = await createClient({ registry: server.url, token: server.token, cache: join(folder, "publisher-cache") });
  const { base } = await client.registry.registerBase({
    ...tiny.identity.reference,
    matrices: await measureMatrices(tiny.base, tiny.identity),
  });
  line(`Registered the base "${base.name}" with ${base.matrixCount} matrices`);
  const facts = {
    ...ADAPTER,
    description: "Tells what a definition defines: act, animal, artifact, location, person or plant",
    license: "Apache-2.0",
    keywords: ["topics", "wordnet"],
  };
  const ours = await prepareVersion(await readFile(trained.lora.path), facts);
  for (const again of [false, true]) {
    const { status, version } = await client.publish(ours, { signal });
    line(
      `${again ? "Again" : "Published"} ${ADAPTER.name}@${ADAPTER.version}: ${status === "created" ? `${formatBytes(version.size)}, ${version.digest}` : "already published with these bytes"}`,
    );
  }
  try {
    await client.publish(await prepareVersion(await readFile(trained.head.path), facts), { signal });
  } catch (cause) {
    if (!isGraftError(cause) || cause.code !== "VERSION_TAKEN") throw cause;
    line(`Other bytes: ${cause.message} [${cause.code}]`);
    return;
  }
  throw new Error("The registry took other bytes under a version that exists");
}
