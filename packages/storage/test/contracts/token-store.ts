import { expect, test } from "vitest";
import type { StoreUnderTest } from "./opened-store.ts";

/** What every store of tokens must do. */
export function tokenStoreContract(opened: StoreUnderTest): void {
  test("tokens are found by hash, listed from the oldest, and revoked", async () => {
    const token = (index: number) => ({
      id: `t${index}`,
      hash: `hash${index}`,
      label: "x",
      names: ["*"],
      actions: ["read"],
      createdAt: `2026-01-0${index}T00:00:00.000Z`,
      ...(index === 2 ? { expiresAt: "2027-01-01T00:00:00.000Z" } : {}),
    });
    for (const index of [2, 1, 3]) await opened.store.tokens.insert(token(index));
    await opened.store.tokens.insert({ ...token(9), hash: "hash1" });
    expect(await opened.store.tokens.withHash("hash2")).toEqual(token(2));
    expect((await opened.store.tokens.list({ limit: 2, after: "t1" })).map(({ id }) => id)).toEqual(["t2", "t3"]);
    expect([
      await opened.store.tokens.count(),
      await opened.store.tokens.delete("t2"),
      await opened.store.tokens.delete("t2"),
      await opened.store.tokens.withHash("hash2"),
    ]).toEqual([3, true, false, undefined]);
  });

  test("a token keeps whose it is and from where, and when it was used", async () => {
    const own = {
      id: "t1",
      hash: "h1",
      label: "x",
      names: ["*"],
      actions: ["read"],
      user: "alice",
      addresses: ["10.0.0.0/8"],
      createdAt: "2026-01-01T00:00:00.000Z",
    };
    await opened.store.tokens.insert(own, { at: own.createdAt, actor: "user:alice", action: "token.create", subject: "t1" });
    await opened.store.tokens.insert({ ...own, id: "t2", hash: "h2", user: "bob" });
    const usedAt = "2026-01-02T00:00:00.000Z";
    await opened.store.tokens.used(
      new Map([
        ["t1", usedAt],
        ["gone", usedAt],
      ]),
    );
    expect(await opened.store.tokens.get("t1")).toEqual({ ...own, usedAt });
    expect((await opened.store.tokens.list({ limit: 5, user: "bob" })).map(({ id }) => id)).toEqual(["t2"]);
    expect((await opened.store.audit.list({ limit: 5 })).map(({ action }) => action)).toEqual(["token.create"]);
  });
}
