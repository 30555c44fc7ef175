import type { Grant } from "@graft/storage";
import { EVERYTHING, STRANGER } from "@graft/storage";
import { expect, test } from "vitest";
import { aSearch, aVersion } from "./a-version.ts";
import { aScope, anAccount, anEntry, NOW } from "./an-account.ts";
import type { StoreUnderTest } from "./opened-store.ts";

/** What every store of scopes, roles and teams must do. */
export function scopeStoreContract(opened: StoreUnderTest): void {
  const give = (scope: string, grant: Grant) => opened.store.scopes.grant(scope, { grant, entry: anEntry("owner.add", grant.name, scope) });
  const take = (scope: string, name: string, kind: "user" | "team" = "user") =>
    opened.store.scopes.revoke(scope, { holder: { kind, name }, entry: anEntry("owner.remove", name, scope) });
  const team = (name: string) =>
    opened.store.teams.create({ name, createdAt: NOW, createdBy: "user:alice", maintainer: "alice" }, anEntry("team.create", name));

  test("a scope is claimed once, and none that resembles it", async () => {
    await anAccount(opened.store, "alice");
    await anAccount(opened.store, "bob");
    await aScope(opened.store, "acme", "alice");
    for (const name of ["acme", "ac-me", "a.c_me"])
      await expect(aScope(opened.store, name, "bob")).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await opened.store.scopes.get("acme")).toEqual({
      name: "acme",
      createdAt: NOW,
      createdBy: "user:alice",
      quota: {},
      bytes: 0,
      versions: 0,
    });
    expect(await opened.store.scopes.grants("acme")).toEqual([{ kind: "user", name: "alice", role: "owner" }]);
    const one = { name: "more", createdAt: NOW, createdBy: "user:alice", owner: { kind: "user", name: "alice" } as const, most: 1 };
    await expect(opened.store.scopes.create(one, anEntry("scope.create", "more"))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await opened.store.scopes.get("more")).toBeUndefined();
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => aScope(opened.store, "race", "alice")));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("roles come from the user and from its teams, the highest counts, and they end with the membership", async () => {
    for (const name of ["alice", "bob", "carl"]) await anAccount(opened.store, name);
    await aScope(opened.store, "acme", "alice");
    await aScope(opened.store, "beta", "alice");
    await team("devs");
    await opened.store.teams.setMember("devs", { member: { user: "bob", role: "member" }, entry: anEntry("team.add", "bob") });
    await give("acme", { kind: "user", name: "bob", role: "reader" });
    await give("acme", { kind: "team", name: "devs", role: "publisher" });
    await give("beta", { kind: "team", name: "devs", role: "reader" });
    expect(await opened.store.scopes.rolesOf("bob")).toEqual({ acme: "publisher", beta: "reader" });
    expect(await opened.store.scopes.rolesOf("carl")).toEqual({});
    expect((await opened.store.scopes.list({ limit: 10, user: "bob" })).map(({ name }) => name)).toEqual(["acme", "beta"]);
    expect(await opened.store.scopes.list({ limit: 10, user: "carl" })).toEqual([]);
    expect((await opened.store.scopes.grants("acme")).map(({ name, role }) => [name, role])).toEqual([
      ["alice", "owner"],
      ["devs", "publisher"],
      ["bob", "reader"],
    ]);
    await opened.store.teams.removeMember("devs", { user: "bob", entry: anEntry("team.remove", "bob") });
    expect(await opened.store.scopes.rolesOf("bob")).toEqual({ acme: "reader" });
    await opened.store.teams.delete("devs", anEntry("team.delete", "devs"));
    expect((await opened.store.scopes.grants("beta")).map(({ name }) => name)).toEqual(["alice"]);
  });

  test("a scope that has an owner is never left without one, whoever goes", async () => {
    for (const name of ["alice", "bob"]) await anAccount(opened.store, name);
    await aScope(opened.store, "acme", "alice");
    await expect(take("acme", "alice")).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(give("acme", { kind: "user", name: "alice", role: "reader" })).rejects.toMatchObject({ code: "CONFLICT" });
    await give("acme", { kind: "user", name: "bob", role: "owner" });
    const both = await Promise.allSettled([take("acme", "alice"), take("acme", "bob")]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const [owner] = await opened.store.scopes.grants("acme");
    await team("devs");
    for (const name of ["@acme/spam", "@acme-x/spam"]) {
      const run = { issuer: "https://ci.example.com", repository: "acme/spam", workflow: "publish.yml" };
      const publisher = { id: name, name, ...run, createdAt: NOW, createdBy: "user:alice" };
      await opened.store.publishers.add(publisher, anEntry("publisher.add", name, "acme"));
    }
    await opened.store.scopes.transfer("acme", { to: { kind: "team", name: "devs" }, entry: anEntry("scope.transfer", "acme", "acme") });
    expect(await opened.store.scopes.grants("acme")).toEqual([{ kind: "team", name: "devs", role: "owner" }]);
    // What the former owners trusted ends with them, and nothing of another scope.
    expect([await opened.store.publishers.get("@acme/spam"), (await opened.store.publishers.get("@acme-x/spam"))?.name]).toEqual([
      undefined,
      "@acme-x/spam",
    ]);
    await expect(opened.store.teams.delete("devs", anEntry("team.delete", "devs"))).rejects.toMatchObject({ code: "CONFLICT" });
    expect([owner?.role, await opened.store.scopes.rolesOf("alice")]).toEqual(["owner", { acme: "owner" }]);
    for (const unknown of [
      () => take("acme", "nobody"),
      () => give("acme", { kind: "user", name: "nobody", role: "reader" }),
      () => give("none", { kind: "user", name: "bob", role: "reader" }),
    ])
      await expect(unknown()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("teams hold who was put in, maintainers first", async () => {
    for (const name of ["alice", "bob", "carl"]) await anAccount(opened.store, name);
    await team("devs");
    await expect(team("devs")).rejects.toMatchObject({ code: "CONFLICT" });
    for (const user of ["carl", "bob"])
      await opened.store.teams.setMember("devs", { member: { user, role: "member" }, entry: anEntry("team.add", user) });
    expect((await opened.store.teams.members("devs")).map(({ user }) => user)).toEqual(["alice", "bob", "carl"]);
    expect(await opened.store.teams.get("devs")).toEqual({ name: "devs", createdAt: NOW, createdBy: "user:alice" });
    expect((await opened.store.teams.list({ limit: 10, user: "bob" })).map(({ name }) => name)).toEqual(["devs"]);
    expect(await opened.store.teams.list({ limit: 10, after: "devs" })).toEqual([]);
    for (const wrong of [
      () => opened.store.teams.setMember("devs", { member: { user: "nobody", role: "member" }, entry: anEntry("team.add", "x") }),
      () => opened.store.teams.setMember("none", { member: { user: "bob", role: "member" }, entry: anEntry("team.add", "x") }),
      () => opened.store.teams.removeMember("devs", { user: "nobody", entry: anEntry("team.remove", "x") }),
      () => opened.store.teams.delete("none", anEntry("team.delete", "x")),
    ])
      await expect(wrong()).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a scope counts what it holds, and refuses what is beyond its quota with nothing left behind", async () => {
    const size = 1_000;
    await opened.store.versions.publish(aVersion("@a/spam", "1.0.0", { size }));
    expect(await opened.store.scopes.get("a")).toMatchObject({ bytes: 1_000, versions: 1, createdBy: "me" });
    const beyond = opened.store.versions.publish(aVersion("@a/more", "1.0.0", { size }), { quota: { bytes: 1_999 } });
    await expect(beyond).rejects.toMatchObject({ code: "QUOTA_EXCEEDED", detail: { what: "bytes", count: 2_000, limit: 1_999 } });
    await opened.store.versions.publish(aVersion("@a/spam", "1.0.0", { size }), { quota: { bytes: 1 } });
    await opened.store.scopes.setQuota("a", { quota: { versions: 2 }, entry: anEntry("scope.quota", "a", "a") });
    const all = await Promise.allSettled(
      [1, 2, 3, 4].map((minor) =>
        opened.store.versions.publish(aVersion("@a/spam", `1.${minor}.0`, { size }), { quota: { versions: 100 } }),
      ),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await opened.store.scopes.get("a")).toMatchObject({ bytes: 2_000, versions: 2, quota: { versions: 2 } });
    expect(await opened.store.seenBy(EVERYTHING).versions.numbers("@a/more")).toEqual([]);
  });

  test("who may read an adapter can be changed", async () => {
    await opened.store.versions.publish(aVersion("@a/spam", "1.0.0"));
    const set = (name: string, visibility: "public" | "private") =>
      opened.store.scopes.setVisibility(name, { visibility, entry: anEntry("adapter.access", name, "a") });
    const seen = async () => {
      const { versions, search } = opened.store.seenBy(STRANGER);
      return [await versions.numbers("@a/spam"), (await search.find(aSearch({ text: "spam" }))).items.map(({ version }) => version)];
    };
    await set("@a/spam", "private");
    expect(await seen()).toEqual([[], []]);
    await set("@a/spam", "public");
    expect(await seen()).toEqual([["1.0.0"], ["1.0.0"]]);
    await expect(set("@a/none", "public")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
}
