import { afterEach, describe, expect, test } from "vitest";
import { addressKey, clientAddress, isWithin, plainAddress } from "../../src/access/client-address.ts";
import { TokenBuckets } from "../../src/access/token-buckets.ts";
import { aRegistry, type TestRegistry } from "../a-registry.ts";
import { anAccount, codeOf, json, PASSWORD } from "../an-account.ts";

describe("addresses", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["192.0.2.1:8080", "192.0.2.1"],
    ["[2001:DB8::1]:8080", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    [" 2001:db8:0:0::1 ", "2001:db8::1"],
    ["0300.0.2.1", undefined],
    ["3221225985", undefined],
    ["192.0.2", undefined],
    ["unknown", undefined],
    ["", undefined],
  ])("%j is %j", (text, plain) => expect(plainAddress(text)).toBe(plain));

  test.each([
    ["192.0.2.77", ["192.0.2.0/24"], true],
    ["192.0.3.1", ["192.0.2.0/24"], false],
    ["192.0.3.1", ["192.0.2.0/24", "192.0.3.1"], true],
    ["::ffff:192.0.2.77", ["192.0.2.0/24"], true],
    ["192.0.2.77", ["::ffff:192.0.2.0/120"], true],
    ["192.0.3.77", ["::ffff:192.0.2.0/120"], false],
    ["2001:db8::5", ["2001:db8::/32"], true],
    ["2001:db9::5", ["2001:db8::/32"], false],
    ["192.0.2.1", ["::/0"], false],
    ["2001:db8::5", ["0.0.0.0/0"], false],
    [undefined, ["0.0.0.0/0", "::/0"], false],
    ["192.0.2.1", [], false],
  ] as const)("%j within %j: %j", (address, ranges, within) => expect(isWithin(address, ranges)).toBe(within));

  const trusted = ["10.0.0.0/8", "127.0.0.1"];
  test.each([
    // Nobody is trusted: what is forwarded is what anybody wrote.
    ["192.0.2.1", "198.51.100.1", [], "192.0.2.1"],
    ["10.0.0.1", "198.51.100.1", trusted, "198.51.100.1"],
    ["::ffff:10.0.0.1", "198.51.100.1", trusted, "198.51.100.1"],
    // The sender wrote the first, the proxy appended the second.
    ["10.0.0.1", "203.0.113.66, 198.51.100.1", trusted, "198.51.100.1"],
    ["10.0.0.1", "203.0.113.66, 198.51.100.1, 10.0.0.2", trusted, "198.51.100.1"],
    // The sender pretends to be a proxy that is trusted, through one that is not.
    ["192.0.2.1", "203.0.113.66, 10.0.0.9", trusted, "192.0.2.1"],
    ["10.0.0.1", "nonsense", trusted, "10.0.0.1"],
    ["10.0.0.1", "203.0.113.66, nonsense", trusted, "10.0.0.1"],
    ["10.0.0.1", undefined, trusted, "10.0.0.1"],
    [undefined, "198.51.100.1", trusted, undefined],
    ["10.0.0.1", `203.0.113.66,${"10.0.0.2,".repeat(5_000)}10.0.0.3`, trusted, "10.0.0.2"],
  ] as const)("the peer %j that forwarded %.60j to those who trust %j is %j", (peer, forwarded, ranges, address) =>
    expect(clientAddress(peer, { forwarded, trusted: ranges })).toBe(address),
  );

  test("one customer's addresses of IPv6 are counted together", () => {
    expect(addressKey("2001:db8:1:2:3:4:5:6")).toBe(addressKey("2001:db8:1:2::1"));
    expect(addressKey("2001:db8:1:2::1")).not.toBe(addressKey("2001:db8:1:3::1"));
    expect(addressKey("192.0.2.1")).not.toBe(addressKey("192.0.2.2"));
  });
});

describe("buckets", () => {
  test("a burst is let through, then a steady rate, and the answer says how long to wait", () => {
    let now = 0;
    const buckets = new TokenBuckets({ capacity: 3, perSecond: 0.5 }, () => new Date(now));
    const takes = (count: number) => Array.from({ length: count }, () => buckets.take("a"));
    expect(takes(4)).toEqual([0, 0, 0, 2]);
    expect(buckets.take("b")).toBe(0);
    now = 1_000;
    expect(takes(1)).toEqual([1]);
    now = 2_000;
    expect(takes(2)).toEqual([0, 2]);
    now = 1_000_000;
    expect(takes(4)).toEqual([0, 0, 0, 2]);
    // A clock that is set back neither fills nor empties.
    now = 0;
    expect(takes(1)).toEqual([2]);
  });

  test("many keys take bounded memory, and those in use stay", () => {
    const buckets = new TokenBuckets({ capacity: 1, perSecond: 0.001 }, () => new Date(0));
    for (let index = 0; index < 250_000; index++) {
      buckets.take(`key ${index}`);
      if (index % 1000 === 0) buckets.take("in use");
    }
    expect(buckets.size).toBeLessThanOrEqual(100_000);
    expect(buckets.take("in use")).toBeGreaterThan(0);
  });
});

describe("a registry that counts", () => {
  let registry: TestRegistry;
  let now = new Date("2026-03-01T00:00:00.000Z");
  afterEach(() => registry.close());
  const open = async (settings: object) => {
    now = new Date("2026-03-01T00:00:00.000Z");
    registry = await aRegistry({ clock: () => now, settings });
  };

  test("an address, or a token, has so many requests a minute, whatever it says of itself", async () => {
    await open({ requestsPerMinute: 5, trustedProxies: ["10.0.0.1"] });
    let spoofed = 0;
    const ask = (peer: string, forwarded?: string, token: string | null = null) =>
      registry.send("GET", "/v1/ping", { token, peer, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } });
    const untilRefused = async (send: () => Promise<Response>): Promise<number> => {
      for (let count = 0; count < 50; count++) {
        const response = await send();
        if (response.status === 200) continue;
        expect([response.status, response.headers.get("retry-after"), await codeOf(response)]).toEqual([429, "12", "RATE_LIMITED"]);
        return count;
      }
      return Number.POSITIVE_INFINITY;
    };
    expect(await untilRefused(() => ask("192.0.2.1"))).toBe(5);
    // A new address in the header for each request, without a trusted proxy and behind one.
    expect(await untilRefused(() => ask("192.0.2.2", `203.0.113.${spoofed++}`))).toBe(5);
    expect(await untilRefused(() => ask("10.0.0.1", `203.0.113.${spoofed++}, 198.51.100.1`))).toBe(5);
    // Others behind the same proxy are not held up.
    expect((await ask("10.0.0.1", "198.51.100.2")).status).toBe(200);
    // A token has its own, wherever it comes from; a wrong one is counted for its address.
    expect(await untilRefused(() => ask(`192.0.2.${100 + spoofed++}`, undefined, registry.token))).toBe(5);
    const guess = async () => (await ask("192.0.2.3", undefined, `graft_${"x".repeat(51)}`)).status;
    expect([await guess(), await guess(), await guess(), await guess(), await guess(), await guess()]).toEqual([
      401, 401, 401, 401, 401, 429,
    ]);
    now = new Date(now.getTime() + 12_000);
    expect([(await ask("192.0.2.1")).status, (await ask("192.0.2.1")).status]).toEqual([200, 429]);
  });

  test("guessing a password is slow, from one address and for one account", async () => {
    await open({ signInsPerMinute: 5 });
    await anAccount(registry, "alice");
    let count = 0;
    const guess = async (user: string, peer: string) =>
      codeOf(
        await registry.send("POST", "/v1/sign-in/password", {
          token: null,
          peer,
          body: { user, password: `guess number ${count++}`, label: "x" },
        }),
      );
    const many = async (user: () => string, peer: () => string) => {
      const answers: unknown[] = [];
      for (let index = 0; index < 40; index++) answers.push(await guess(user(), peer()));
      return answers.indexOf("RATE_LIMITED");
    };
    expect(
      await many(
        () => `user${count}`,
        () => "192.0.2.1",
      ),
    ).toBe(5);
    expect(
      await many(
        () => "bob",
        () => `192.0.2.${10 + count}`,
      ),
    ).toBe(30);
    // One stranger who guesses on and on locks nobody out.
    for (let index = 0; index < 40; index++) await guess("alice", "192.0.2.200");
    const body = { user: "alice", password: PASSWORD, label: "x" };
    expect(await codeOf(await registry.send("POST", "/v1/sign-in/password", { token: null, peer: "192.0.2.201", body }))).toBe(201);
    now = new Date(now.getTime() + 60_000);
    expect(await guess("bob", "192.0.2.1")).toBe("UNAUTHORIZED");
  });

  test("a token works from its ranges alone, and makes none that works from more", async () => {
    await open({ trustedProxies: ["10.0.0.1"] });
    const make = (body: object, token = registry.token, peer = "192.0.2.5") =>
      registry.send("POST", "/v1/tokens", { token, peer, body: { label: "x", names: ["*"], actions: ["read", "admin"], ...body } });
    const { token } = await json<{ token: string }>(make({ addresses: ["192.0.2.0/24", "2001:db8::/32"] }));
    const from = async (peer: string | undefined, forwarded?: string) =>
      codeOf(
        await registry.send("GET", "/v1/whoami", {
          token,
          ...(peer === undefined ? {} : { peer }),
          headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
        }),
      );
    for (const peer of ["192.0.2.5", "::ffff:192.0.2.5", "2001:db8::7"]) expect([peer, await from(peer)]).toEqual([peer, 200]);
    for (const peer of ["192.0.3.5", "2001:db9::7", undefined]) expect([peer, await from(peer)]).toEqual([peer, "UNAUTHORIZED"]);
    expect([
      await from("192.0.3.5", "192.0.2.5"),
      await from("10.0.0.1", "192.0.2.5"),
      await from("10.0.0.1", "192.0.2.5, 192.0.3.5"),
    ]).toEqual(["UNAUTHORIZED", 200, "UNAUTHORIZED"]);
    expect(await codeOf(await make({ addresses: ["0.0.0.0/0"] }, token))).toBe("FORBIDDEN");
    expect(await json(make({}, token))).toMatchObject({ record: { addresses: ["192.0.2.0/24", "2001:db8::/32"] } });
    for (const addresses of [[], ["192.0.2.0/33"], ["192.0.2"], ["example.com"], ["2001:db8::/129"]])
      expect([addresses, await codeOf(await make({ addresses }))]).toEqual([addresses, "USAGE"]);
  });

  test("when a token was used is written once a minute, not with each request", async () => {
    await open({});
    const written: string[] = [];
    const { used } = registry.metadata.tokens;
    registry.metadata.tokens.used = async (times) => {
      written.push(...times.values());
      await used(times);
    };
    const ask = async (seconds: number) => {
      now = new Date(Date.parse("2026-03-01T00:00:00.000Z") + seconds * 1000);
      await registry.send("GET", "/v1/whoami");
    };
    for (const seconds of [0, 1, 30, 59, 61, 90]) await ask(seconds);
    expect(written).toEqual(["2026-03-01T00:00:00.000Z", "2026-03-01T00:01:01.000Z"]);
    expect(await json(registry.send("GET", "/v1/tokens"))).toMatchObject({ tokens: [{ usedAt: "2026-03-01T00:01:01.000Z" }] });
  });
});
