import { isPrerelease, versionOrder } from "@graft/storage";
import * as fc from "fast-check";
import * as semver from "semver";
import { expect, test } from "vitest";

const number = fc.oneof(fc.nat(20), fc.nat(Number.MAX_SAFE_INTEGER)).map(String);
const word = fc.stringMatching(/^[0-9A-Za-z-]{1,6}$/).filter((text) => !/^0\d+$/.test(text));
const version = fc
  .tuple(number, number, number, fc.array(fc.oneof(number, word), { maxLength: 3 }))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest.length === 0 ? "" : `-${rest.join(".")}`}`)
  .filter((text) => semver.valid(text) !== null);

test("texts sort as npm's semver orders the versions", () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const [left, right] = [versionOrder(a), versionOrder(b)];
      expect(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)))).toBe(semver.compare(a, b));
      expect(isPrerelease(a)).toBe(semver.prerelease(a) !== null);
    }),
    { seed: 11, numRuns: 2_000 },
  );
});
