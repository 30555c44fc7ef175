import { createHash } from "node:crypto";
import { VersionRecord } from "@graft/protocol";
import { verifyStatement } from "@graft/trust";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, digestOf, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

const refusal = async (response: Response) => ({ status: response.status, ...((await response.json()) as { error: object }).error });

describe("publishing", () => {
  test("a published version resolves by tag, range and number, with its bytes and a signature over them", async () => {
    const published = await publishTo(registry);
    expect(published.status).toBe(201);
    for (const range of ["", "?range=latest", "?range=^1", "?range=1.0.0"]) {
      const response = await registry.send("GET", `/v1/adapters/acme/spam/resolve${range}`, { token: null });
      const record = VersionRecord.parse(await response.json());
      expect(record).toMatchObject({ name: "@acme/spam", version: "1.0.0", tags: ["latest"], base: aBase().fingerprint });
      await verifyStatement(record.statement, { signatures: record.signatures, keys: [registry.key.public] });
      expect(record.statement).toMatchObject({ digest: record.digest, base: record.base });
      const bytes = new Uint8Array(await (await registry.send("GET", `/v1/blobs/${record.digest}`, { token: null })).arrayBuffer());
      expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(record.digest);
    }
    expect(registry.faults).toEqual([]);
  });

  test("the same bytes again are already published; other bytes are refused", async () => {
    await publishTo(registry);
    const again = await publishTo(registry);
    expect([again.status, await again.json()]).toMatchObject([200, { status: "exists", version: { version: "1.0.0" } }]);
    expect(await refusal(await publishTo(registry, { value: 0.25 }))).toMatchObject({ status: 409, code: "VERSION_TAKEN" });
    const record = (await (await registry.send("GET", "/v1/adapters/acme/spam/versions/1.0.0")).json()) as { digest: string };
    expect(record.digest).toBe((await anAdapter()).request.digest);
  });

  test("the document must say what the bytes say", async () => {
    await registry.send("PUT", `/v1/bases/${aBase().fingerprint}`, { body: aBase() });
    const { bytes, path, request } = await anAdapter();
    await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
    const cases = [
      [path.replace("1.0.0", "1.0.1"), request, "MANIFEST_INVALID"],
      [path, { ...request, tensorsDigest: digestOf("other") }, "DIGEST_MISMATCH"],
      [path, { ...request, size: request.size + 1 }, "DIGEST_MISMATCH"],
      [path, { ...request, manifest: { ...request.manifest, description: "other" } }, "DIGEST_MISMATCH"],
      [path, { ...request, digest: digestOf("nothing") }, "NOT_FOUND"],
      [path, { ...request, surprise: true }, "USAGE"],
    ] as const;
    for (const [url, body, code] of cases) expect(await refusal(await registry.send("PUT", url, { body }))).toMatchObject({ code });
    expect((await registry.send("GET", "/v1/adapters/acme/spam")).status).toBe(404);
  });

  test("bytes that are no adapter are refused, and so are NaN and a base that nobody registered", async () => {
    const { bytes, path, request } = await anAdapter();
    await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
    expect(await refusal(await registry.send("PUT", path, { body: request }))).toMatchObject({
      status: 422,
      code: "BASE_UNKNOWN",
      hint: expect.stringContaining("graft base publish"),
    });
    const noise = new TextEncoder().encode("no adapter at all, but long enough to have a header");
    const digest = `sha256:${createHash("sha256").update(noise).digest("hex")}`;
    await registry.send("PUT", `/v1/blobs/${digest}`, { body: noise });
    expect(await refusal(await registry.send("PUT", path, { body: { ...request, digest, size: noise.length } }))).toMatchObject({
      status: 422,
      code: "SAFETENSORS_INVALID",
    });
    const damaged = bytes.slice();
    new DataView(damaged.buffer).setFloat32(damaged.length - 4, Number.NaN, true);
    const damagedDigest = `sha256:${createHash("sha256").update(damaged).digest("hex")}`;
    await registry.send("PUT", `/v1/blobs/${damagedDigest}`, { body: damaged });
    expect(await refusal(await registry.send("PUT", path, { body: { ...request, digest: damagedDigest } }))).toMatchObject({
      status: 422,
      code: "NOT_FINITE",
    });
  });

  test("targets that the base does not have are named", async () => {
    const base = aBase();
    const other = { ...aBase("other"), fingerprint: base.fingerprint };
    await registry.send("PUT", `/v1/bases/${base.fingerprint}`, { body: base });
    const { bytes, path, request } = await anAdapter({ base: other });
    await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
    expect(await refusal(await registry.send("PUT", path, { body: request }))).toMatchObject({
      status: 409,
      code: "BASE_MISMATCH",
      message: expect.stringContaining("2 of 2 targets"),
      detail: { targets: [{ module: "encoder.layer.0.query" }, { module: "encoder.layer.1.query" }] },
    });
  });

  test("the size of every delta is told, and one of zero, one without bounds and a scale of its own are refused", async () => {
    const published = (await (await publishTo(registry)).json()) as { deltas: { module: string; ratio: number }[] };
    // B·A is 0.5 everywhere, twice that over 48 places, beside a norm of 10.
    expect(published.deltas).toMatchObject([
      { module: "encoder.layer.0.query", ratio: expect.closeTo(Math.sqrt(48) / 10, 6), isExact: true },
      { module: "encoder.layer.1.query" },
    ]);
    const reasons: unknown[] = [];
    const target = {
      module: "encoder.layer.0.query",
      digest: aBase().matrices[0]?.digest ?? digestOf(""),
      in: 6,
      out: 8,
      rank: 2,
      alpha: 4,
    };
    for (const options of [{ value: 0 }, { value: 100 }, { modules: [target.module], manifest: { targets: [{ ...target, scale: 3 }] } }]) {
      const { code, detail } = (await refusal(await publishTo(registry, { version: "1.0.1", ...options }))) as {
        code?: string;
        detail?: { reason: string };
      };
      reasons.push([code, detail?.reason]);
    }
    expect(reasons).toEqual([
      ["ADAPTER_INVALID", "zero-delta"],
      ["ADAPTER_INVALID", "delta-out-of-bounds"],
      ["ADAPTER_INVALID", "wrong-scale"],
    ]);
  });

  test("latest moves forward to releases, other tags move where they are told", async () => {
    const tags = async () => ((await (await registry.send("GET", "/v1/adapters/acme/spam/tags")).json()) as { tags: object }).tags;
    await publishTo(registry, { version: "1.0.0-rc.1" });
    expect(await tags()).toEqual({ latest: "1.0.0-rc.1" });
    await publishTo(registry, { version: "1.1.0" });
    await publishTo(registry, { version: "1.0.5" });
    await publishTo(registry, { version: "2.0.0-rc.1" });
    await publishTo(registry, { version: "2.0.0-rc.2", tag: "next" });
    expect(await tags()).toEqual({ latest: "1.1.0", next: "2.0.0-rc.2" });
    await registry.send("PUT", "/v1/adapters/acme/spam/tags/stable", { body: { version: "1.0.5" } });
    expect(await tags()).toEqual({ latest: "1.1.0", next: "2.0.0-rc.2", stable: "1.0.5" });
    expect(await refusal(await registry.send("PUT", "/v1/adapters/acme/spam/tags/stable", { body: { version: "9.0.0" } }))).toMatchObject({
      code: "NOT_FOUND",
    });
    await registry.send("DELETE", "/v1/adapters/acme/spam/tags/next");
    expect(await tags()).toEqual({ latest: "1.1.0", stable: "1.0.5" });
    expect(await refusal(await registry.send("DELETE", "/v1/adapters/acme/spam/tags/latest"))).toMatchObject({ code: "USAGE" });
    expect(await refusal(await registry.send("GET", "/v1/adapters/acme/spam/resolve?range=^3"))).toMatchObject({
      code: "NOT_FOUND",
      hint: expect.stringContaining("2.0.0-rc.2"),
    });
  });

  test("a name that people would read as another is refused", async () => {
    await publishTo(registry, { name: "@acme/spam-filter" });
    expect(await refusal(await publishTo(registry, { name: "@acme/spam_filter" }))).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("@acme/spam-filter"),
    });
  });
});
