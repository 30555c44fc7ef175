import { beforeAll, expect, test } from "vitest";
import { aClient, aRegistry } from "./a-client.ts";
import { cuttingProxy } from "./cutting-proxy.ts";

let registry: Awaited<ReturnType<typeof aRegistry>>;
beforeAll(async () => {
  registry = await aRegistry();
});
const at = (url: string) => aClient({ registry: url, token: registry.server.token });

test("publishing the same bytes again answers that they are there; other bytes are refused", async () => {
  const client = await at(registry.server.url);
  expect(await client.publish(registry.published)).toMatchObject({ status: "exists" });
  const manifest = { ...registry.fresh.manifest, version: "1.0.0" };
  await expect(client.publish({ ...registry.fresh, manifest })).rejects.toMatchObject({ code: "VERSION_TAKEN" });
});

test("an upload goes on where its connection broke", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const blob = new Uint8Array(Array.from({ length: 60 }, () => [...bytes]).flat());
  const digest = `sha256:${Buffer.from(await crypto.subtle.digest("SHA-256", blob)).toString("hex")}`;
  const proxy = await cuttingProxy(registry.server.url, { direction: "up", after: 1_500_000, cuts: 2 });
  const sent: number[] = [];
  const { registry: client } = await at(proxy.url);
  expect(await client.upload({ digest, bytes: blob, progress: (done) => sent.push(done) })).toBe("stored");
  expect(proxy.cut()).toBe(2);
  // What the registry kept was not sent again from the start.
  expect(sent.filter((done) => done <= 262_144).length).toBeLessThan(3);
  await proxy.close();
  expect(await (await at(registry.server.url)).registry.upload({ digest, bytes: blob })).toBe("exists");
});

test("bytes that do not have their digest are refused", async () => {
  const { registry: client } = await at(registry.server.url);
  await expect(client.upload({ digest: `sha256:${"1".repeat(64)}`, bytes: new Uint8Array(10) })).rejects.toMatchObject({
    code: "DIGEST_MISMATCH",
  });
});

test("why a token is refused is told, also where only a HEAD was sent", async () => {
  const { registry: client } = await aClient({ registry: registry.server.url, token: "graft_wrong" });
  await expect(client.upload({ digest: registry.published.digest, bytes: registry.published.bytes })).rejects.toMatchObject({
    code: "UNAUTHORIZED",
    message: expect.stringContaining("the token is not valid"),
  });
});
