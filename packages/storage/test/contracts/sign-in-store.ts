import { expect, test } from "vitest";
import { aScope, anAccount, anEntry, NOW } from "./an-account.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const SOON = "2026-03-01T00:10:00.000Z";

/** What every store of sign-ins, trusted publishers and changes must do. */
export function signInStoreContract(opened: StoreUnderTest): void {
  test("a secret works once, also for many who try at the same time", async () => {
    const put = () => opened.store.signIns.putOnce({ hash: "x", data: { any: ["thing"] }, expiresAt: SOON });
    const puts = await Promise.all(Array.from({ length: 5 }, put));
    expect(puts.filter(Boolean)).toHaveLength(1);
    const takes = await Promise.all(Array.from({ length: 5 }, () => opened.store.signIns.takeOnce("x", NOW)));
    expect(takes.filter((data) => data !== undefined)).toEqual([{ any: ["thing"] }]);
    await put();
    expect(await opened.store.signIns.takeOnce("x", SOON)).toBeUndefined();
  });

  test("a device's sign-in is decided once and taken once", async () => {
    const device = {
      hash: "d",
      userCode: "ABCD-EFGH",
      label: "laptop",
      names: ["*"],
      actions: ["read"],
      status: "pending",
      address: "::1",
      expiresAt: SOON,
    } as const;
    await opened.store.signIns.addDevice(device);
    expect(await opened.store.signIns.device("ABCD-EFGH")).toEqual(device);
    expect(await opened.store.signIns.takeDevice("d")).toEqual(device);
    expect(await opened.store.signIns.decideDevice("ABCD-EFGH", { user: "alice", approved: true })).toBe(true);
    expect(await opened.store.signIns.decideDevice("ABCD-EFGH", { user: "mallory", approved: false })).toBe(false);
    const taken = await Promise.all([1, 2, 3].map(() => opened.store.signIns.takeDevice("d")));
    expect(taken.filter((each) => each !== undefined)).toEqual([{ ...device, status: "approved", user: "alice" }]);
    expect(await opened.store.signIns.decideDevice("NONE", { user: "alice", approved: true })).toBe(false);
  });

  test("what expired is swept, and nothing else", async () => {
    await anAccount(opened.store, "alice");
    for (const [hash, expiresAt] of [
      ["old", NOW],
      ["new", SOON],
    ] as const) {
      await opened.store.signIns.addSession({ hash, user: "alice", createdAt: NOW, expiresAt });
      await opened.store.signIns.putOnce({ hash, data: {}, expiresAt });
    }
    await opened.store.signIns.sweep(NOW);
    expect([await opened.store.signIns.session("old"), await opened.store.signIns.takeOnce("old", "2000")]).toEqual([undefined, undefined]);
    expect([(await opened.store.signIns.session("new"))?.user, await opened.store.signIns.takeOnce("new", NOW)]).toEqual(["alice", {}]);
    await opened.store.signIns.deleteSession("new");
    expect(await opened.store.signIns.session("new")).toBeUndefined();
  });

  test("trusted publishers are found by their run and by their name, and are there once", async () => {
    const publisher = {
      id: "p1",
      name: "@acme/spam",
      issuer: "https://ci.example.com",
      repository: "acme/spam",
      workflow: ".github/workflows/publish.yml",
      createdAt: NOW,
      createdBy: "user:alice",
    };
    await opened.store.publishers.add(publisher, anEntry("publisher.add", "@acme/spam", "acme"));
    await opened.store.publishers.add(
      { ...publisher, id: "p2", environment: "production" },
      anEntry("publisher.add", "@acme/spam", "acme"),
    );
    await expect(
      opened.store.publishers.add({ ...publisher, id: "p3" }, anEntry("publisher.add", "@acme/spam", "acme")),
    ).rejects.toMatchObject({ code: "CONFLICT" });
    const { issuer, repository, workflow } = publisher;
    expect((await opened.store.publishers.matching({ issuer, repository, workflow })).map(({ id }) => id)).toEqual(["p1", "p2"]);
    expect(await opened.store.publishers.matching({ issuer, repository: "evil/spam", workflow })).toEqual([]);
    expect(await opened.store.publishers.get("p1")).toEqual(publisher);
    expect([
      await opened.store.publishers.remove("p1", anEntry("publisher.remove", "@acme/spam", "acme")),
      await opened.store.publishers.remove("p1", anEntry("publisher.remove", "x")),
    ]).toEqual([true, false]);
    expect((await opened.store.publishers.list("@acme/spam")).map(({ id }) => id)).toEqual(["p2"]);
  });

  test("every change writes one entry, newest first, by scope for its owners; what failed writes none", async () => {
    await anAccount(opened.store, "alice");
    await aScope(opened.store, "acme", "alice");
    await expect(aScope(opened.store, "acme", "alice")).rejects.toMatchObject({ code: "CONFLICT" });
    const detailed = { ...anEntry("version.publish", "@acme/spam@1.0.0", "acme"), address: "192.0.2.1", detail: { digest: "sha256:x" } };
    await opened.store.audit.append(detailed);
    const all = await opened.store.audit.list({ limit: 10 });
    expect(all.map(({ action }) => action)).toEqual(["version.publish", "scope.create", "user.create"]);
    expect(all[0]).toEqual({ ...detailed, id: all[0]?.id });
    expect((await opened.store.audit.list({ limit: 1, scope: "acme", after: String(all[0]?.id) })).map(({ action }) => action)).toEqual([
      "scope.create",
    ]);
    expect(await opened.store.audit.list({ limit: 10, scope: "other" })).toEqual([]);
  });
}
