import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "../a-registry.ts";
import { anAdapter, publishTo } from "../an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
  await publishTo(registry);
});
afterEach(() => registry.close());

const get = (path: string, headers: Record<string, string> = {}) => registry.send("GET", `/hf${path}`, { token: null, headers });

test("transformers.js: one GET of {remoteHost}/{model}/resolve/{revision}/{file}, no HEAD, no token; what is absent is 404", async () => {
  const config = await get("/acme/spam/resolve/main/adapter_config.json");
  expect([config.status, config.headers.get("content-length")]).toEqual([200, expect.stringMatching(/^\d+$/)]);
  expect(await config.json()).toMatchObject({ peft_type: "LORA", base_model_name_or_path: "tiny" });
  const { bytes } = await anAdapter();
  expect(new Uint8Array(await (await get("/acme/spam/resolve/1.0.0/adapter.safetensors")).arrayBuffer())).toEqual(bytes);
  // Its progress bars and its browser cache work on ranges and on any origin.
  const part = await get("/acme/spam/resolve/main/adapter.safetensors", { range: "bytes=8-15", origin: "https://app.example" });
  expect([part.status, part.headers.get("access-control-allow-origin")]).toEqual([206, "*"]);
  expect((await get("/acme/spam/resolve/main/onnx/model.onnx")).status).toBe(404);
});

test("vLLM: the revision, its tree, then every file at the commit", async () => {
  const info = (await (await get("/api/models/acme/spam/revision/main")).json()) as { sha: string };
  const tree = (await (await get(`/api/models/acme/spam/tree/${info.sha}?recursive=true&expand=false`)).json()) as {
    path: string;
    size: number;
  }[];
  expect(tree.map(({ path }) => path)).toEqual(["README.md", "adapter.safetensors", "adapter_config.json", "adapter_model.safetensors"]);
  for (const { path, size } of tree) {
    const head = await registry.send("HEAD", `/hf/acme/spam/resolve/${info.sha}/${path}`, {
      token: null,
      headers: { "accept-encoding": "identity" },
    });
    expect([head.status, head.headers.get("x-repo-commit"), Number(head.headers.get("content-length"))]).toEqual([200, info.sha, size]);
    expect(head.headers.get("etag")).toMatch(/^"[0-9a-f]{40}([0-9a-f]{24})?"$/);
  }
});

test("LoRAX: the siblings of a model, and each that ends in .safetensors", async () => {
  const { siblings } = (await (await get("/api/models/acme/spam")).json()) as { siblings: { rfilename: string }[] };
  const weights = siblings.filter(({ rfilename }) => rfilename.endsWith(".safetensors"));
  expect(weights).toHaveLength(2);
  for (const { rfilename } of weights) expect((await get(`/acme/spam/resolve/main/${rfilename}`)).status).toBe(200);
});
