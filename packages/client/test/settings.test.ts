import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { normaliseRegistry, resolveRegistry } from "@graft/client";
import { readConfiguration, userFolders, writeConfiguration } from "@graft/client/node";
import { expect, test } from "vitest";

const configuration = {
  registry: "https://file.example",
  scopes: { "@acme": "https://acme.example" },
  tokens: { "https://file.example": "file", "https://acme.example": "acme", "https://flag.example": "flag-host" },
};

test("a flag comes before the environment, the environment before the configuration file", () => {
  const environment = { GRAFT_REGISTRY: "https://environment.example", GRAFT_TOKEN: "environment" };
  expect(resolveRegistry({ registry: "https://flag.example", token: "flag", environment, configuration })).toEqual({
    registry: "https://flag.example",
    token: "flag",
  });
  expect(resolveRegistry({ environment, configuration })).toEqual({ registry: "https://environment.example", token: "environment" });
  expect(resolveRegistry({ environment: {}, configuration })).toEqual({ registry: "https://file.example", token: "file" });
  expect(resolveRegistry({ registry: "https://flag.example/", environment: {}, configuration })).toEqual({
    registry: "https://flag.example",
    token: "flag-host",
  });
});

test("a scope that is bound is looked for in its registry only, unless a flag says otherwise", () => {
  const environment = { GRAFT_REGISTRY: "https://environment.example" };
  expect(resolveRegistry({ environment, configuration }, "@acme")).toEqual({ registry: "https://acme.example", token: "acme" });
  expect(resolveRegistry({ environment, configuration }, "@other")).toEqual({ registry: "https://environment.example" });
  expect(resolveRegistry({ registry: "https://flag.example", environment, configuration }, "@acme").registry).toBe("https://flag.example");
});

test("a token that is kept for one registry is not given to another", () => {
  expect(resolveRegistry({ registry: "https://stranger.example", environment: {}, configuration })).toEqual({
    registry: "https://stranger.example",
  });
});

test("there is no registry by default, and an empty setting is none", () => {
  expect(() => resolveRegistry({ environment: {}, configuration: {} })).toThrow(expect.objectContaining({ code: "REGISTRY_NOT_SET" }));
  expect(() => resolveRegistry({ environment: { GRAFT_REGISTRY: "" }, configuration: {} })).toThrow(
    expect.objectContaining({ code: "REGISTRY_NOT_SET" }),
  );
  expect(resolveRegistry({ environment: { GRAFT_REGISTRY: "", GRAFT_TOKEN: "" }, configuration })).toEqual({
    registry: "https://file.example",
    token: "file",
  });
});

test("an address is http or https, and loses the slash at its end", () => {
  expect(normaliseRegistry("HTTP://Host.example:80/graft/")).toBe("http://host.example/graft");
  for (const address of ["", "somewhere", "ftp://host", "file:///etc"])
    expect(() => normaliseRegistry(address)).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test("the configuration is for its owner's eyes alone, and a damaged one is told", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "graft-settings-")), "deep", "config.json");
  expect(await readConfiguration(path)).toEqual({});
  await writeConfiguration(path, configuration);
  expect(await readConfiguration(path)).toEqual(configuration);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toContain("acme.example");
  await writeFile(path, "{");
  await expect(readConfiguration(path)).rejects.toMatchObject({ code: "USAGE" });
});

test("folders follow the XDG variables, and Graft's own before them", () => {
  expect(userFolders({ XDG_CONFIG_HOME: "/c", XDG_CACHE_HOME: "/k", XDG_DATA_HOME: "/d" })).toEqual({
    configuration: "/c/graft/config.json",
    cache: "/k/graft",
    data: "/d/graft",
  });
  expect(userFolders({ XDG_CACHE_HOME: "/k", GRAFT_CACHE: "/own" }).cache).toBe("/own");
});
