import { checked, compareVersions, highestVersion, Name, parseSpecifier, Range, Tag, Version } from "@graft/format";
import { expect, test } from "vitest";

test.each(["@quickstart/gloss-topics", "@a/b", "@a.b/c_d-e.f", `@${"s".repeat(39)}/${"n".repeat(100)}`])("%s is a name", (name) => {
  expect(Name.safeParse(name).success).toBe(true);
});

test.each([
  "",
  "a",
  "a/b",
  "@a",
  "@/b",
  "@a/",
  "@A/b",
  "@a/B",
  "@a/b/c",
  "@a/..",
  "@a/.b",
  "@a/b--c",
  "@a/b ",
  "@ä/b",
  "@a/b@1.0.0",
  "@a/b\n",
  `@${"s".repeat(40)}/b`,
  `@a/${"n".repeat(101)}`,
  "@__proto__/b",
])("%j is no name", (name) => {
  expect(Name.safeParse(name).success).toBe(false);
});

test("versions are semantic versions, written in one way", () => {
  for (const version of ["0.0.0", "1.2.3", "1.2.3-beta.1", "10.20.30-0"])
    expect([version, Version.safeParse(version).success]).toEqual([version, true]);
  for (const version of [
    "",
    "1",
    "1.2",
    "v1.2.3",
    "=1.2.3",
    "01.2.3",
    "1.2.3+build",
    "1.2.3-",
    "1.2.3-01",
    " 1.2.3",
    "latest",
    "9".repeat(100),
  ]) {
    expect([version, Version.safeParse(version).success]).toEqual([version, false]);
  }
});

test("ranges mean what npm means by them, and pre-releases are only chosen when named", () => {
  const versions = ["1.0.0", "1.2.0", "2.0.0-beta.1", "1.10.0"];
  expect(highestVersion(versions, "^1.0.0")).toBe("1.10.0");
  expect(highestVersion(versions, "*")).toBe("1.10.0");
  expect(highestVersion(versions, ">=2.0.0-beta")).toBe("2.0.0-beta.1");
  expect(highestVersion(versions, "^3")).toBeUndefined();
  expect(versions.toSorted(compareVersions)).toEqual(["1.0.0", "1.2.0", "1.10.0", "2.0.0-beta.1"]);
  expect(Range.safeParse("not a range").success).toBe(false);
});

test("a tag never reads as a range", () => {
  for (const tag of ["latest", "next", "beta-2"]) expect(Tag.safeParse(tag).success).toBe(true);
  for (const tag of ["x", "v1", "1", "", "Latest", "a b", "x".repeat(200)]) expect([tag, Tag.safeParse(tag).success]).toEqual([tag, false]);
});

test("a request is a name with a range, a version or a tag, and means latest without one", () => {
  expect(parseSpecifier("@a/b")).toEqual({ name: "@a/b", tag: "latest" });
  expect(parseSpecifier("@a/b@next")).toEqual({ name: "@a/b", tag: "next" });
  expect(parseSpecifier("@a/b@^1.2.0")).toEqual({ name: "@a/b", range: "^1.2.0" });
  expect(parseSpecifier("@a/b@1.2.3")).toEqual({ name: "@a/b", range: "1.2.3" });
  for (const text of ["", "@a", "@a/b@", "@a/b@!", "a/b@1", "@a/b@1@2"])
    expect(() => parseSpecifier(text)).toThrow(expect.objectContaining({ code: "NAME_INVALID" }));
});

test("a name or a version that somebody typed is NAME_INVALID with the reason", () => {
  expect([checked(Name, "@a/b", "name"), checked(Version, "1.0.0", "version")]).toEqual(["@a/b", "1.0.0"]);
  expect(() => checked(Name, "a", "name")).toThrow(/Cannot read the name "a": want "@scope\/name"/);
  expect(() => checked(Version, "1", "version")).toThrow(expect.objectContaining({ code: "NAME_INVALID" }));
});
