import type { StoredInvitation } from "@graft/storage";
import { expect, test } from "vitest";
import { aScope, anAccount, anEntry, NOW } from "./an-account.ts";
import type { StoreUnderTest } from "./opened-store.ts";

const LATER = "2026-03-02T00:00:00.000Z";

/** What every store of accounts must do. */
export function userStoreContract(opened: StoreUnderTest): void {
  test("an account comes back as it was made, by name and by identity", async () => {
    const alice = { name: "alice", email: "a@example.com", isAdmin: true, passwordHash: "scrypt$x", createdAt: NOW };
    const identity = { issuer: "https://id.example.com", subject: "42" };
    await opened.store.users.create({ user: alice, identity }, anEntry("user.create", "alice"));
    expect(await opened.store.users.get("alice")).toEqual(alice);
    expect(await opened.store.users.withIdentity(identity)).toEqual(alice);
    expect(await opened.store.users.withIdentity({ ...identity, issuer: "https://other.example.com" })).toBeUndefined();
    expect(await opened.store.users.get("bob")).toBeUndefined();
    await anAccount(opened.store, "bob");
    expect((await opened.store.users.list({ limit: 5, after: "alice" })).map(({ name }) => name)).toEqual(["bob"]);
  });

  test("names that resemble each other are one name, and of many who take it at once one gets it", async () => {
    await anAccount(opened.store, "al-ice");
    for (const name of ["alice", "al_ice", "al-ice"])
      await expect(anAccount(opened.store, name)).rejects.toMatchObject({ code: "CONFLICT" });
    const other = await opened.again();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => anAccount(index % 2 === 0 ? opened.store : other, "race")),
    );
    await other.close();
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("an invitation makes one account, with the role it names, and none after it expired", async () => {
    await anAccount(opened.store, "root");
    await aScope(opened.store, "acme", "root");
    const invitation: StoredInvitation = {
      hash: "h1",
      email: "b@example.com",
      isAdmin: false,
      grant: { scope: "acme", role: "publisher" },
      createdBy: "user:root",
      createdAt: NOW,
      expiresAt: LATER,
    };
    await opened.store.users.invite(invitation, anEntry("user.invite", "b@example.com"));
    expect(await opened.store.users.invitation("h1", NOW)).toEqual(invitation);
    expect(await opened.store.users.invitation("h1", LATER)).toBeUndefined();
    const make = (name: string, createdAt = NOW) =>
      opened.store.users.create({ user: { name, isAdmin: false, createdAt }, invitation: "h1" }, anEntry("user.create", name));
    await expect(make("late", LATER)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await opened.store.users.get("late")).toBeUndefined();
    const results = await Promise.allSettled(["bob", "carl", "dora"].map((name) => make(name)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected", "rejected"]);
    const [made] = (await opened.store.users.list({ limit: 10 })).filter(({ name }) => name !== "root");
    expect(await opened.store.scopes.rolesOf(made?.name ?? "")).toEqual({ acme: "publisher" });
  });

  test("a new password ends sessions, and disabling an account ends its tokens too", async () => {
    await anAccount(opened.store, "alice");
    const session = { hash: "s", user: "alice", createdAt: NOW, expiresAt: LATER };
    await opened.store.signIns.addSession(session);
    await opened.store.tokens.insert({ id: "t", hash: "t", label: "x", names: ["*"], actions: ["read"], user: "alice", createdAt: NOW });
    expect(await opened.store.signIns.session("s")).toEqual(session);
    await opened.store.users.update({ name: "alice", passwordHash: "new" }, anEntry("user.password", "alice"));
    expect([await opened.store.signIns.session("s"), (await opened.store.tokens.withHash("t"))?.user]).toEqual([undefined, "alice"]);
    await opened.store.users.update({ name: "alice", disabledAt: NOW }, anEntry("user.disable", "alice"));
    expect([await opened.store.users.get("alice"), await opened.store.tokens.withHash("t")]).toEqual([
      { name: "alice", isAdmin: false, passwordHash: "new", createdAt: NOW, disabledAt: NOW },
      undefined,
    ]);
    await expect(opened.store.users.update({ name: "nobody", isAdmin: true }, anEntry("user.admin", "nobody"))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("an identity is one account's", async () => {
    const identity = { issuer: "https://id.example.com", subject: "42" };
    await anAccount(opened.store, "alice");
    await anAccount(opened.store, "bob");
    await opened.store.users.addIdentity("alice", { identity, entry: anEntry("user.identity", "alice") });
    await expect(opened.store.users.addIdentity("bob", { identity, entry: anEntry("user.identity", "bob") })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect((await opened.store.users.withIdentity(identity))?.name).toBe("alice");
  });
}
