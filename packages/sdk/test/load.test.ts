import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { prepareVersion } from "@graft/format";
import { createClient } from "@graft/client/node";
import { hashFile } from "@graft/digest/node";
import { fingerprint } from "@graft/onnx";
import { load } from "@graft/sdk";
import { type RunningServer, startServer } from "../../../apps/server/src/start-server.ts";
import { randomAdapter } from "../../loader/test/random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const ROWS = [{ ids: [1, 5, 7, 2] }];

let server: RunningServer;
let base: Base;
let adapter: Uint8Array;
const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), "graft-sdk-"));

beforeAll(async () => {
  server = await startServer({ data: await temporary(), host: "127.0.0.1", port: 0, logLevel: "silent" });
  base = await tinyBase();
  adapter = await randomAdapter(base);
  const client = await createClient({ registry: server.url, token: server.token, cache: await temporary() });
  const { fingerprint: digest, matrices } = await fingerprint(base.model, base.weights);
  const files = await Promise.all(base.files.map(async (path) => ({ name: "model.safetensors", ...(await hashFile(path)) })));
  await client.registry.registerBase({
    name: base.name,
    fingerprint: digest,
    files,
    matrices: matrices.map(({ module, digest: own, rows, columns }) => ({ module, digest: own, rows, columns, norm: 1 })),
  });
  for (const version of ["1.0.0", "1.1.0"]) await client.publish(await prepareVersion(adapter, { name: "@test/topics", version }));
});
afterAll(() => server.close());

test("an adapter given by name and range is pulled, verified and run", async () => {
  await using model = await load(base, { adapters: ["@test/topics@~1.0"], registry: server.url, cache: await temporary(), threads: 1 });
  expect(model.adapters[0]).toMatchObject({ name: "@test/topics", fit: "file", manifest: { version: "1.0.0" } });
  await using file = await load(base, { adapters: [adapter], threads: 1 });
  expect((await model.run(ROWS))[0]?.logits).toEqual((await file.run(ROWS))[0]?.logits);
});

test("a cached file that was changed is not used", async () => {
  const cache = await temporary();
  const client = await createClient({ registry: server.url, cache });
  const { path } = await client.pull("@test/topics@1.1.0");
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(path, bytes).catch(() => undefined);
  const loading = load(base, { adapters: ["@test/topics@1.1.0"], registry: server.url, cache, threads: 1 });
  const outcome = await loading.then(
    async (model) => {
      await model.close();
      return model.adapters[0]?.digest;
    },
    (cause: unknown) => (cause as { code: string }).code,
  );
  // The cache may have noticed by itself and pulled again.
  expect([(await client.pull("@test/topics@1.1.0")).record.digest, "DIGEST_MISMATCH"]).toContain(outcome);
});

test("a name that the registry does not have is NOT_FOUND", async () => {
  await expect(load(base, { adapters: ["@test/nothing"], registry: server.url, cache: await temporary() })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("files need no registry", async () => {
  const path = join(await temporary(), "topics.safetensors");
  await writeFile(path, adapter);
  await using model = await load(base, { adapters: [path], threads: 1 });
  expect(model.current).toBe("topics");
});
